"""What a coupon asks for, as a sentence in every language of the shop, made from its numbers so that it cannot lie."""

from checkout.money import Money, currency
from server.flows.ports.campaigns import CampaignRow


def conditions(campaign: CampaignRow, currency_code: str = "EUR") -> dict[str, str]:
    """Return the conditions of a campaign's coupons.

    Examples: see the tests; amounts are written the way each language does.
    """
    smallest = Money(campaign.min_basket_minor, currency(currency_code))
    day = campaign.ends_at
    if not smallest:
        return {
            "fr": f"Sans minimum d'achat, une fois, jusqu'au {day:%d/%m/%Y}.",
            "en": f"No minimum, once, until {day:%Y-%m-%d}.",
            "zh": f"无最低消费，限用一次，有效期至 {day:%Y-%m-%d}。",  # noqa: RUF001 - Chinese punctuation
        }
    text = str(smallest).rpartition(" ")[0]
    sign = {"EUR": "€", "USD": "$", "CNY": "¥", "JPY": "¥"}[currency_code]
    return {
        "fr": f"Dès {text.replace('.', ',')} {sign} d'achat, une fois, jusqu'au {day:%d/%m/%Y}.",
        "en": f"From {sign}{text}, once, until {day:%Y-%m-%d}.",
        "zh": f"满 {sign}{text} 可用，限用一次，有效期至 {day:%Y-%m-%d}。",  # noqa: RUF001 - Chinese punctuation
    }
