"""Read an order as people write it: `#envoyer 20EUR @luc`, `send luc 20`, `转20欧元给小明`; what is unclear is asked.

An amount is never guessed: two numbers, three digits behind a comma, another currency or letters that stick to a figure
become a question with the readings that there are. The text only ever fills a form; whoever sends sees it in plain
words before anything moves.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checkout.money import Currency, Money

TEXT_MOST = 280
"""Signs of an order; one that is longer is no order."""
MEMO_MOST = 140
"""Signs of a memo, after what is not for reading was taken out."""
NAME_MOST = 40
CHOICES_MOST = 4


class OrderAct(StrEnum):
    """What is to be done."""

    SEND = "send"
    REQUEST = "request"


class AskKind(StrEnum):
    """What has to be asked back."""

    ACT = "act"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_UNCLEAR = "amount_unclear"
    CURRENCY = "currency"
    PERSON_MISSING = "person_missing"
    PERSON_SEVERAL = "person_several"


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked back, with the amounts that it could be, in the order of the text."""

    kind: AskKind
    choices: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was read; whatever is in `asks` is empty here.

    Attributes:
        to: A name as the sender has it, or a phone number as it was written.
        is_number: Whether `to` is a phone number.
    """

    act: OrderAct | None
    amount: Money | None
    to: str
    is_number: bool
    memo: str
    asks: tuple[Question, ...] = ()


VERBS = {
    OrderAct.SEND: (
        "(?:envoyer|envoie|envoyez|envoi|virer|verser|verse|send|pay|give)(?![a-z])|"
        "发送给|发送|发给|转账给|转账|转给|汇给|转|发|付给"
    ),
    OrderAct.REQUEST: "(?:demander|demandez|demande|request|ask)(?![a-z])|收款|请求|要",
}
"""Words that begin an order, the longer ones first where one begins another."""
_ACTS = [(act, re.compile(rf"#?(?:{words})\s*", re.IGNORECASE)) for act, words in VERBS.items()]
_ZH_FIRST = [
    (OrderAct.SEND, re.compile(r"#?给\s*@?(?P<to>[^\s\d@]{1,40}?)\s*(?:转账|转|发送|发|汇)\s*(?P<rest>.*)")),
    (OrderAct.REQUEST, re.compile(r"#?[向跟找]\s*@?(?P<to>[^\s\d@]{1,40}?)\s*(?:要|收款|收|请求)\s*(?P<rest>.*)")),
]
"""Chinese names whom it is for before it says what is done."""
CURRENCY_WORDS = {
    "EUR": "€|eur|euros?|欧元|欧",
    "CNY": "¥|cny|rmb|yuans?|人民币|元|块钱|块",
    "USD": r"\$|usd|dollars?|美元",
    "JPY": "jpy|yens?|円|日元",
}
_ANY_MONEY = "|".join((*CURRENCY_WORDS.values(), "£|gbp|chf|pounds?|francs?|英镑|瑞郎"))
_FIGURE = re.compile(
    rf"(?P<before>(?<![a-z])(?:{_ANY_MONEY})\s?)?(?P<sign>[-+])?"
    r"(?P<figure>\d(?:[\d.,'\u2019\u00a0\u202f]*\d)?(?: \d{3}(?![\d.,]))*)"
    rf"(?P<after>\s?(?:{_ANY_MONEY})(?![a-z]))?",
    re.IGNORECASE,
)
"""A figure with the currency before or behind it; groups of three behind blanks are part of it, and make it unclear."""
_PHONE = re.compile(
    r"(?<![\w+])(?:\+\d{1,3}(?:[ .-]?\d{1,4}){2,6}|00\d{9,13}|0[1-9](?:[ .-]?\d{2}){4}|1[3-9]\d{9})(?!\w)"
)
"""+33 6 12 34 56 78, 0033612345678, 06 12 34 56 78, 13800138000: what a parser of numbers then reads."""
_HANDLE = re.compile(r"(?<![A-Za-z0-9_.])@(?P<name>[^\s@,;:!?|]{1,40})")
_TO = re.compile(r"(?<!\w)(?:(?:à|a|au|to|from)\s+|[给向]\s*)(?P<name>[^\s,;:!?]{1,40})", re.IGNORECASE)
_NAME = re.compile(r"(?!(?:pour|for)\s)(?P<name>[^\s,;:!?]{1,40})", re.IGNORECASE)
_LINKS_BEFORE = re.compile(r"(?:[\s,;:.!@-]|(?:pour|for|à|a|au|to|from)(?=\s|$)|[给向为买])+", re.IGNORECASE)
_LINKS_BEHIND = re.compile(r"(?:[\s,;:@-]|(?<!\S)(?:pour|for|à|a|au|to|from)|[给向])+$", re.IGNORECASE)
_HALF_WIDTH = {0x3000: " ", 0x3001: ",", 0x3002: "."} | {0xFF00 + code: chr(0x20 + code) for code in range(1, 0x5F)}
"""Signs of a Chinese keyboard that stand for plain ones. Source: Unicode, Halfwidth and Fullwidth Forms."""
_JOINERS = {"\u200d", "\ufe0f"} | {chr(code) for code in range(0xE0020, 0xE0080)}
"""What holds the parts of one picture together: joiner, variation, tags of flags."""
_CJK = "\u3000"
"""From here on signs stand side by side without a blank, and may follow a figure."""
_BLANKS = re.compile("[\u2019\u00a0\u202f]")


def clean_memo(text: str) -> str:
    r"""Return a memo without what is not for reading: control signs, signs that turn the line round, doubled blanks.

    Pictures stay whole, also those of several signs.

    Examples:
        >>> clean_memo("  pizza\n🍕\u202e ")
        'pizza 🍕'
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(
        sign if sign.isprintable() or sign in _JOINERS else " " if sign.isspace() else "" for sign in composed
    )
    return " ".join(kept.split())[:MEMO_MOST]


def read_order(text: str, unit: Currency) -> Order:
    """Read an order in French, English or Chinese; it never raises, what it cannot read it asks.

    Args:
        text: As somebody typed or pasted it; beyond :data:`TEXT_MOST` signs nothing is read.
        unit: The currency of the store, which a bare figure is of.

    Examples:
        >>> from checkout.money import EUR
        >>> order = read_order("#envoyer 20 euros @luc pizza", EUR)
        >>> order.act.value, order.amount.minor, order.to, order.memo, order.asks
        ('send', 2000, 'luc', 'pizza', ())
        >>> [choice.minor for choice in read_order("send luc 20,000", EUR).asks[0].choices]
        [2000, 2000000]
    """
    plain = re.sub(r"[\t\r\n ]+", " ", text[:TEXT_MOST].translate(_HALF_WIDTH)).strip().replace("|", "/")
    plain = re.sub(r"^@\S+ (?=#)", "", plain)  # the shop that a public message is addressed to
    act, to, rest = _act_of(plain)
    hidden, numbers = _hide(_PHONE, rest)
    hidden, handles = _hide(_HANDLE, hidden)
    figures = list(_FIGURE.finditer(hidden))
    amount, asked = _amount_of(figures, hidden, unit)
    spans = [figures[0].span()] if figures else []
    named = [*numbers, *handles]
    if len(named) == 1 and not to:
        to = named[0]["name"] if handles else named[0][0]
        spans.append(named[0].span())
    elif not named and not to:
        to, span = _bare_name(hidden, figures)
        spans.append(span)
    is_several = len(named) > 1 or bool(named and to != _name_of(named[0]))
    asks = [Question(AskKind.ACT)] if act is None else []
    asks += [asked] if asked else []
    if is_several:
        asks.append(Question(AskKind.PERSON_SEVERAL))
    elif not to:
        asks.append(Question(AskKind.PERSON_MISSING))
    who = "" if is_several else to.rstrip(".")[:NAME_MOST]
    return Order(act, amount, who, bool(numbers) and not is_several, _memo_of(rest, spans), tuple(asks))


def _act_of(plain: str) -> tuple[OrderAct | None, str, str]:
    """Return what is to be done, whom for where that stands before it, and the rest."""
    for act, shape in _ZH_FIRST:
        if found := shape.fullmatch(plain):
            return act, found["to"], found["rest"]
    for act, verb in _ACTS:
        if found := verb.match(plain):
            return act, "", plain[found.end() :]
    return None, "", plain


def _hide(shape: re.Pattern[str], text: str) -> tuple[str, list[re.Match[str]]]:
    """Return the text with bars where the shape was found, as long as before, and what was found."""
    return shape.sub(lambda found: "|" * len(found[0]), text), list(shape.finditer(text))


def _name_of(found: re.Match[str]) -> str:
    return found["name"] if found.re is _HANDLE else found[0]


def _amount_of(figures: Sequence[re.Match[str]], text: str, unit: Currency) -> tuple[Money | None, Question | None]:
    """Return the amount, or what to ask: the only figure there is, or the first where it alone bears a currency."""
    if not figures:
        return None, Question(AskKind.AMOUNT_MISSING)
    readings = [_readings(found["figure"], unit) for found in figures]
    marks = [_mark(found) for found in figures]
    if any(mark and re.fullmatch(CURRENCY_WORDS[unit.code], mark) is None for mark in marks):
        return None, Question(AskKind.CURRENCY, _few(readings))
    if len(figures) > 1 and not (marks[0] and not any(marks[1:])):
        return None, Question(AskKind.AMOUNT_UNCLEAR, _few(readings))
    if _is_odd(figures[0], text):
        return None, Question(AskKind.AMOUNT_UNCLEAR)
    if len(readings[0]) == 1:
        return readings[0][0], None
    return None, Question(AskKind.AMOUNT_UNCLEAR, readings[0])


def _mark(found: re.Match[str]) -> str:
    return (found["before"] or found["after"] or "").strip().lower()


def _few(readings: Iterable[Sequence[Money]]) -> tuple[Money, ...]:
    return tuple(dict.fromkeys(money for each in readings for money in each))[:CHOICES_MOST]


def _is_odd(found: re.Match[str], text: str) -> bool:
    """Whether something sticks to a figure that makes another thing of it: `20k`, `-20`, `20%`, `20€50`, `20/30`."""
    before, after = text[: found.start()][-1:], text[found.end() :]
    sticks = bool(before) and (before in "%/*+_=<>.,':#°" or (before.isalnum() and before < _CJK))
    sticks |= bool(after) and (after[0] in "%/*+_=<>':°" or (after[0].isalnum() and after[0] < _CJK))
    both = bool(found["before"] and found["after"])
    return bool(found["sign"]) or sticks or both or after.lstrip()[:1].isdigit()


def _readings(figure: str, unit: Currency) -> tuple[Money, ...]:
    """Return every amount that a figure could be: one where there is no doubt, none where it is no amount."""
    plain = _BLANKS.sub("'", figure)
    cents = rf"\d{{1,{unit.exponent}}}" if unit.exponent else "(?!)"  # a currency without cents has none behind a comma
    group, groups = r"[1-9]\d{0,2}", r"\d{3}"
    sure = (
        rf"(?P<whole>0|[1-9]\d{{0,8}})(?:[.,](?P<cents>{cents}))?",
        rf"(?P<whole>{group}(?:'{groups})+)(?:[.,](?P<cents>{cents}))?",
        rf"(?P<whole>{group}(?:,{groups})+)\.(?P<cents>{cents})",
        rf"(?P<whole>{group}(?:\.{groups})+),(?P<cents>{cents})",
        rf"(?P<whole>{group}(?:,{groups}){{2,3}}|{group}(?:\.{groups}){{2,3}})(?P<cents>)?",
    )
    for shape in sure:
        if found := re.fullmatch(shape, plain):
            minor = _minor(re.sub("[.,']", "", found["whole"]), found["cents"] or "", unit)
            return (Money(minor, unit),) if minor else ()
    if doubtful := re.fullmatch(rf"(?P<first>{group})(?P<by>[., ])(?P<last>{groups})", plain):
        first, last = doubtful["first"], doubtful["last"]
        tail = "" if doubtful["by"] == " " else last
        if not tail[unit.exponent :].strip("0"):
            both = (_minor(first, tail[: unit.exponent], unit), _minor(first + last, "", unit))
            return tuple(Money(minor, unit) for minor in both)
    return ()


def _minor(whole: str, cents: str, unit: Currency) -> int:
    return int(whole + cents.ljust(unit.exponent, "0"))


def _bare_name(text: str, figures: Sequence[re.Match[str]]) -> tuple[str, tuple[int, int]]:
    """Return a name that no sign points to, and where it stands: before the amount, else behind it."""
    if figures and (name := _strip(text[: figures[0].start()])):
        return name, (0, figures[0].start())
    start = figures[0].end() if figures else 0
    behind = text[start:]
    blank = len(behind) - len(behind.lstrip(" ,;:.!"))
    for found in (_TO.match(behind, blank), _NAME.match(behind, blank), _TO.search(behind)):
        if found:
            return found["name"], (start + found.start(), start + found.end())
    return "", (start, start)


def _strip(piece: str) -> str:
    """Return a piece of an order without the small words that tie it to its neighbours."""
    begun = _LINKS_BEFORE.match(piece)
    return _LINKS_BEHIND.sub("", piece[begun.end() if begun else 0 :]).strip()


def _memo_of(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return what is left of an order when amount and person are taken out."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        pieces.append(text[at:start])
        at = max(at, end)
    pieces.append(text[at:])
    return clean_memo(" ".join(stripped for piece in pieces if (stripped := _strip(piece))))
