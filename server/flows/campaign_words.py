"""What a coupon asks for, as a sentence in every language of the shop, made from its numbers so that it cannot lie."""

from checkout.money import Money, currency
from server.flows.ports.campaigns import CampaignRow


def conditions(campaign: CampaignRow, currency_code: str = "EUR") -> dict[str, str]:
    """Return the conditions of a campaign's coupons.

    Examples: see the tests; amounts are written the way each language does.
    """
    first = _first(campaign, currency_code)
    more = [_MORE["goods"]] if campaign.skus or campaign.categories else []
    more += [_MORE[campaign.stacking]] if campaign.stacking in _MORE else []
    space = {"fr": " ", "en": " ", "zh": ""}
    return {locale: space[locale].join([text, *(each[locale] for each in more)]) for locale, text in first.items()}


_MORE = {
    "goods": {"fr": "Sur une sélection de produits.", "en": "On selected goods.", "zh": "限指定商品。"},
    "alone": {
        "fr": "Non cumulable avec un autre bon.",
        "en": "Not with another coupon.",
        "zh": "不可与其他优惠券同用。",
    },
    "full_price": {
        "fr": "Hors articles déjà en promotion.",
        "en": "Not on goods that are on offer.",
        "zh": "不适用于促销商品。",
    },
}


def _first(campaign: CampaignRow, currency_code: str) -> dict[str, str]:
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
