"""What a coupon asks for, as a sentence in every language of the shop, made from its numbers so that it cannot lie."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from checkout.money import Money, currency
from checkout.unit_price import SIGNS
from server.flows.ports.campaigns import CampaignRow


def conditions(campaign: CampaignRow, currency_code: str = "EUR") -> dict[str, str]:
    """Return the conditions of a campaign's coupons.

    Examples: see the tests; amounts are written the way each language does.
    """
    first = _first(campaign, currency_code)
    more: list[Mapping[str, str]] = [_MORE["goods"]] if campaign.skus or campaign.categories else []
    more += _asked(campaign.conditions or {})
    more += [_MORE[campaign.stacking]] if campaign.stacking in _MORE else []
    more += [_MORE["joint"]] if campaign.joint is not None else []
    more += [_MORE["per_household"]] if campaign.limit_per_household is not None else []
    space = {"fr": " ", "en": " ", "zh": ""}
    return {locale: space[locale].join([text, *(each[locale] for each in more)]) for locale, text in first.items()}


_DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_BETWEEN = {"fr": ", ", "en": ", ", "zh": "、"}
_MIDNIGHT = "00:00"
_OR = {"fr": " ou ", "en": " or ", "zh": "或"}
_SEGMENTS = {
    "regular": {
        "fr": "qui vient au moins une fois par mois",
        "en": "come at least once a month",
        "zh": "每月至少光顾一次",
    },
    "occasional": {"fr": "qui vient de temps en temps", "en": "come now and then", "zh": "偶尔光顾"},
    "lapsed": {
        "fr": "qui n’est pas venu depuis trois mois",  # noqa: RUF001 - French typography
        "en": "have not come for three months",
        "zh": "三个月未光顾",
    },
}


def _asked(kept: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return a sentence for each thing that is asked for beside the goods."""
    if not kept:
        return []
    said: list[Mapping[str, str]] = []
    if len(kept["days"]) < len(_DAYS["en"]):
        named = {
            locale: _BETWEEN[locale].join(names[day - 1] for day in kept["days"]) for locale, names in _DAYS.items()
        }
        said.append({"fr": f"Le {named['fr']}.", "en": f"On {named['en']}.", "zh": f"仅限{named['zh']}。"})
    opens, closes = kept["opens"], kept["closes"]
    if (opens, closes) != (_MIDNIGHT, _MIDNIGHT):
        until = "24:00" if closes == _MIDNIGHT else closes
        said.append(
            {"fr": f"De {opens} à {until}.", "en": f"From {opens} to {until}.", "zh": f"{opens} 至 {until} 可用。"}
        )
    if kept["stores"]:
        said.append(_MORE["stores"])
    if kept["segments"]:
        who = {locale: _OR[locale].join(_SEGMENTS[each][locale] for each in kept["segments"]) for locale in _OR}
        said.append({"fr": f"Pour {who['fr']}.", "en": f"For those who {who['en']}.", "zh": f"限{who['zh']}的顾客。"})
    said += [_MORE[name] for name in ("members_only", "first_purchase_only") if kept[name]]
    return said


_MORE = {
    "stores": {
        "fr": "Dans certains magasins seulement.",
        "en": "In certain stores only.",
        "zh": "仅限部分门店。",
    },
    "members_only": {
        "fr": "Avec votre compte.",
        "en": "With your account.",
        "zh": "须使用会员账户。",
    },
    "first_purchase_only": {
        "fr": "Pour un premier achat.",
        "en": "For a first purchase.",
        "zh": "限首次购买。",
    },
    "joint": {
        "fr": "Un seul bon de cette sorte par panier.",
        "en": "One coupon of this kind a basket.",
        "zh": "同类优惠券每单限用一张。",
    },
    "per_household": {
        "fr": "Nombre limité par foyer.",
        "en": "Limited per household.",
        "zh": "每户限量。",
    },
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


_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_EN = "January February March April May June July August September October November December"
NO_BREAK = "\u00a0"
"""What stands between a number and its sign or month, so that no line ends there."""
MONTHS = {"fr": tuple(_FR.split()), "en": tuple(_EN.split())}


def _long(day: datetime, locale: str) -> str:
    """Return a date as the pages write it beside these words."""
    if locale == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    number = "1er" if locale == "fr" and day.day == 1 else str(day.day)
    return NO_BREAK.join([number, MONTHS[locale][day.month - 1], str(day.year)])


def _first(campaign: CampaignRow, currency_code: str) -> dict[str, str]:
    smallest = Money(campaign.min_basket_minor, currency(currency_code))
    day = campaign.ends_at
    if not smallest:
        return {
            "fr": f"Sans minimum d’achat, une fois, jusqu’au {_long(day, 'fr')}.",  # noqa: RUF001 - French typography
            "en": f"No minimum, once, until {_long(day, 'en')}.",
            "zh": f"无最低消费，限用一次，有效期至 {_long(day, 'zh')}。",  # noqa: RUF001 - Chinese punctuation
        }
    text = str(smallest).rpartition(" ")[0]
    sign = SIGNS[currency_code]
    return {
        "fr": f"Dès {text.replace('.', ',')}{NO_BREAK}{sign} d’achat, une fois, jusqu’au {_long(day, 'fr')}.",  # noqa: RUF001 - French typography
        "en": f"From {sign}{text}, once, until {_long(day, 'en')}.",
        "zh": f"满 {sign}{text} 可用，限用一次，有效期至 {_long(day, 'zh')}。",  # noqa: RUF001 - Chinese punctuation
    }
