"""Sleeves, symbols, amounts and per cents found in a question by rule, and masked in its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from allusedesk.answers.slots import Slots
from allusedesk.answers.spans import Calendar

LETTERS_MAX = 400

_TIERS = {
    "gen": "gen",
    "generation": "gen",
    "gens": "gen",
    "generating": "gen",
    "rev": "rev",
    "revenue": "rev",
    "revs": "rev",
    "com": "com",
    "compounding": "com",
    "comp": "com",
    "compound": "com",
}
_TIER = "|".join(sorted(_TIERS, key=len, reverse=True))
_ACCOUNT = re.compile(rf"(?<![\w.])f(\d{{1,4}})[. -]?({_TIER})\b|\b({_TIER})[ -]?(\d{{1,3}})\b")
_FAMILY = re.compile(r"\b(?:family )?f(\d{1,4})\b|\bfamily (\d{1,4})\b")
_TIER_ALONE = re.compile(rf"\b({_TIER})(?:'s|s')?(?: (?:account|sleeve|acct))?\b")
_PERCENT = re.compile(
    r"(?P<sign>[+-])?(?P<value>\d{1,4}(?:[.,]\d{1,4})?) ?(?:%|per ?cent|pct|percents?|prct)"
)
_POINTS = re.compile(r"(?P<value>\d{1,3}(?:\.\d{1,2})?) ?(?:points?|pts?|vols?|vol points?)\b")
_AMOUNT = re.compile(
    r"\$ ?(?P<dollars>\d[\d,]{0,14}(?:\.\d{1,4})?)(?P<unit>k|m|mm)?\b"
    r"|\b(?P<plain>\d[\d,]{0,14}(?:\.\d{1,4})?) ?(?P<word>k|usd|dollars|bucks|grand)\b"
)
_NUMBER = re.compile(r"#?\b(\d{1,9})\b")
_ENTRY = re.compile(r"(?:entry|entries|line|#|no\.?|number)+ ?#?(\d{1,9})\b")
ORDER_NUMBER = re.compile(r"\border (?:no\.? ?|nr\.? ?|number )?#? ?(?P<named>\d{1,6})\b(?!-)")
# As the record writes the id of an order or a proposal, in small letters.
ORDER_ID = re.compile(r"\b(?P<named>\d{4}-w\d\d/f\d[\w-]*\.[a-z]{3}/p\d{1,6}(?:/o\d{1,3})?)\b")
_ARTICLE = r"(?:an? |the )?(?:word |term |abbreviation )?[\"']?"
_MEANS = re.compile(
    r"(?:what (?:does|do|is meant by)|define|explain|(?:what is |what's )?(?:the )?"
    rf"(?:meaning|definition) of|what's meant by) {_ARTICLE}(?P<word>[a-z&/][a-z&/' -]{{0,24}}?)"
    r"[\"']?(?: (?:means?|stands? for|short for|in english|pls|please))*[ ?.!]*$"
)
_IS = re.compile(
    rf"what(?:'s|s| is| are)? {_ARTICLE}(?P<word>[a-z&/][a-z&/' -]{{0,24}}?)[\"']?"
    r"(?: (?:in english|pls|please|again))*[ ?.!]*$"
)
_ALONE = re.compile(r"(?P<word>[a-z]{2,5})(?: mean(?:s|ing))? ?\?+$")
_FALLS = re.compile(
    r"\b(?:falls?|fell|drops?|dropped|down|declines?|crash(?:es)?|sinks?|tanks?"
    r"|lower|sells? off|selloff|dives?|slides?|tumbles?|correction|minus|halves)\b"
)
_RISES = re.compile(
    r"\b(?:rises?|rose|up|jumps?|gains?|rall(?:y|ies)|higher|spikes?|climbs?|increases?|surges?"
    r"|pops?|doubles?|explodes?|plus)\b"
)
_DOUBLES = re.compile(r"\b(?:doubles?|doubled)\b")
_HALVES = re.compile(r"\b(?:halves|halved)\b")
_OUTCOME = re.compile(
    r"\b(p-ew|p-awl|p-ro|p-aol|p-dd|c-wap\+?|c-pno|c-ro|c-rec|w-idl)(?![\w+])", re.IGNORECASE
)
_RULE = re.compile(r"(?<![\w./{])[a-z]{3,}\.[a-z][a-z0-9_]*[a-z0-9](?![\w/])")
_CONDITION = re.compile(r"\b(green|red|chop|choppy)\b")
_UPPER = re.compile(r"(?<![\w.$-])[A-Z]{2,5}(?![\w-])")
# Words in capitals that are no symbol of anything a person could hold.
_NO_SYMBOL = frozenset(
    "VIX ATR DTE VAR CVAR LEAPS CSP CC PNL PL IV OI ITM OTM ATM GTC IOC FOK DAY ETF USD NAV ROI "
    "YTD MTD QTD ID OK US IRS PDF CSV JSON GEN REV COM IB API CPU AM PM EST EDT UTC WHY WHAT IS "
    "DO THE AND FOR NOT DID WAS ARE WHO IF MY ME IT ON IN OF TO ALL ANY NO YES SHOW LIST FORM "
    "MAX MIN AVG VS EOD TWAP VWAP BID ASK TAX LAST WEEK PUT PUTS CALL CALLS ROLL FORK HALT KILL "
    "OPEN CASH RISK BETA GAIN LOSS DROP TABLE FROM SELL BUY RED CHOP GREEN".split()
)
_OF_VOLATILITY = frozenset({"VIX", "VIXW"})
_SHORTENED = {
    "wk": "week",
    "wks": "weeks",
    "qtr": "quarter",
    "mth": "month",
    "mths": "months",
    "yr": "year",
    "yrs": "years",
    "curr": "current",
    "yday": "yesterday",
    "dont": "don't",
    "didnt": "didn't",
    "pos": "positions",
}
# Abbreviations of the trade, once it is clear that their meaning is not what is asked for.
_ABBREVIATED = {
    "csp": "put",
    "csps": "puts",
    "cc": "covered call",
    "ccs": "covered calls",
    "dte": "days to expiry",
    "p/l": "pnl",
}
_SHORT = re.compile(rf"\b(?:{'|'.join(_SHORTENED)})\b")
_COMMON_WORDS = frozenset("a an all it on are so now any key low be go hon see fast real".split())


@dataclass(frozen=True, slots=True)
class Names:
    """What can be named: the journal's sleeves and symbols, companies with their symbols, words.

    `words` are those whose meaning can be asked for, in small letters, each with its own spelling;
    of `figures` among them "what is ..." asks for the figure, and only "means" for the word.
    """

    accounts: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    companies: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    figures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with its names.

    `plain` is its text in small letters, `masked` that text with each name replaced by its kind.
    """

    plain: str
    masked: str
    slots: Slots


def read_names(text: str, names: Names, calendar: Calendar) -> Reading:
    """Everything a question names; letters beyond the most are not looked at."""
    text = " ".join(text[:LETTERS_MAX].split())
    plain = _straightened(text.lower())
    word = _word_asked(plain, names)
    if word:
        return Reading(plain, "what does wordslot mean", Slots(word=word))
    for short, full in _ABBREVIATED.items():
        if short.removesuffix("s").upper() not in names.symbols:
            plain = re.sub(rf"\b{short}\b", full, plain)
    slots, masked = Slots(), ORDER_ID.sub(" numberslot ", plain)
    slots, masked = _symbols(text, masked, names, slots)
    slots, masked = _figures(masked, slots)
    span, masked = calendar.read(masked)
    slots = replace(slots, span=span)
    slots, masked = _accounts(masked, names, slots)
    slots, masked = _codes(masked, slots)
    found = _NUMBER.search(masked)
    if found is not None:
        slots = replace(slots, number=int(found[1]))
        masked = _NUMBER.sub(" numberslot ", masked)
    return Reading(plain, " ".join(masked.split()), slots)


def _word_asked(plain: str, names: Names) -> str:
    """The word whose meaning is asked for, as it is spelt; empty where none is."""
    asked = _MEANS.match(plain)
    found = asked or _IS.match(plain) or _ALONE.match(plain)
    if found is None:
        return ""
    is_alone = asked is None and not plain.startswith("what")
    said = found["word"].strip()
    for form in (said, said.removesuffix("s"), said.removesuffix("'s")):
        spelt = names.words.get(form, "")
        if is_alone and not spelt.isupper():
            # "Roll?" asks for one; an abbreviation alone asks what it is.
            continue
        if spelt and (asked is not None or form not in names.figures):
            return spelt
    return ""


def one_edit(one: str, other: str) -> bool:
    """True where two words differ by at most one letter added, left out, changed or swapped."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, rest_other = one[start:], other[start:]
    return (
        rest[1:] == rest_other[1:]
        or rest[1:] == rest_other
        or rest == rest_other[1:]
        or (rest[:2] == rest_other[1::-1] and rest[2:] == rest_other[2:])
    )


def _straightened(text: str) -> str:
    for curly, plain in (("\N{RIGHT SINGLE QUOTATION MARK}", "'"), ("\N{EN DASH}", "-")):
        text = text.replace(curly, plain)
    return _SHORT.sub(lambda found: _SHORTENED[found[0]], text.replace("\N{MINUS SIGN}", "-"))


def _symbols(text: str, masked: str, names: Names, slots: Slots) -> tuple[Slots, str]:
    # VIX may be held by options on it, but a question means its level.
    by_lower = {symbol.lower(): symbol for symbol in names.symbols if symbol not in _OF_VOLATILITY}
    for word in re.findall(r"[A-Za-z][A-Za-z0-9.]*", text):
        symbol = by_lower.get(word.lower().rstrip("."))
        if symbol is None or (word.lower() in _COMMON_WORDS and not word.isupper()):
            continue
        if len(symbol) == 1 and not word.isupper():
            continue
        return replace(slots, symbol=symbol), _cut(masked, word.lower(), "symbolslot")
    for company, symbol in names.companies.items():
        found = re.search(rf"\b{re.escape(company)}(?:'?s)?\b", masked)
        if found is not None:
            return _company(slots, symbol, names), _cut(masked, found[0], "symbolslot")
    for word in re.findall(r"[a-z]{6,}", masked):
        for company, symbol in names.companies.items():
            if len(company) > 5 and one_edit(word.removesuffix("s"), company):
                return _company(slots, symbol, names), _cut(masked, word, "symbolslot")
    if text.isupper():
        # Everything is in capitals, so capitals mark nothing.
        return slots, masked
    for word in _UPPER.findall(text):
        if word not in _NO_SYMBOL:
            return replace(slots, unknown=word), _cut(masked, word.lower(), "symbolslot")
    return slots, masked


def _company(slots: Slots, symbol: str, names: Names) -> Slots:
    known = next((one for one in symbol.split() if one in names.symbols), "")
    if known:
        return replace(slots, symbol=known)
    return replace(slots, unknown=symbol.split(maxsplit=1)[0])


def _cut(masked: str, word: str, slot: str) -> str:
    return re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", f" {slot} ", masked)


def _figures(masked: str, slots: Slots) -> tuple[Slots, str]:
    is_fall = _is_fall(masked)
    found = _PERCENT.search(masked)
    if found is not None:
        value = Decimal(found["value"].replace(",", "."))
        is_negative = found["sign"] == "-" or (is_fall and found["sign"] != "+")
        slots = replace(slots, percent=-value if is_negative else value)
        masked = _PERCENT.sub(" percentslot ", masked)
    elif (found := _POINTS.search(masked)) is not None:
        value = Decimal(found["value"])
        slots = replace(slots, amount=-value if is_fall else value)
        masked = _POINTS.sub(" pointslot ", masked)
    elif _DOUBLES.search(masked):
        slots = replace(slots, percent=Decimal(100))
    elif _HALVES.search(masked):
        slots = replace(slots, percent=Decimal(-50))
    found = _AMOUNT.search(masked)
    if found is not None:
        digits = (found["dollars"] or found["plain"]).replace(",", "")
        unit = found["unit"] or found["word"] or ""
        scale = {"k": 1000, "grand": 1000, "m": 1_000_000, "mm": 1_000_000}.get(unit, 1)
        slots = replace(slots, amount=Decimal(digits) * scale)
        masked = _AMOUNT.sub(" amountslot ", masked)
    return slots, masked


def _is_fall(masked: str) -> bool:
    """Whether the figure named is a fall: by the word right behind it, else the last before it."""
    figure = _PERCENT.search(masked) or _POINTS.search(masked)
    if figure is None:
        return _FALLS.search(masked) is not None
    behind = " ".join(masked[figure.end() :].split()[:2])
    if _FALLS.search(behind) or _RISES.search(behind):
        return _FALLS.search(behind) is not None
    before = masked[: figure.start()]
    falls = [one.start() for one in _FALLS.finditer(before)]
    rises = [one.start() for one in _RISES.finditer(before)]
    return max(falls, default=-1) > max(rises, default=-1)


def _accounts(masked: str, names: Names, slots: Slots) -> tuple[Slots, str]:
    found = _ACCOUNT.search(masked)
    if found is not None:
        tier = _TIERS[found[2] or found[3]]
        account = f"F{int(found[1] or found[4])}.{tier}"
        slots = replace(slots, accounts=(account,), tier=account)
        return slots, _ACCOUNT.sub(" accountslot ", masked)
    family = _FAMILY.search(masked)
    tiers = [_TIERS[one[1]] for one in _TIER_ALONE.finditer(masked)]
    if tiers:
        chosen = tuple(
            one
            for one in names.accounts
            if one.partition(".")[2] in tiers
            and (family is None or one.startswith(f"F{family[1] or family[2]}."))
        )
        said = " and ".join(dict.fromkeys(tier.capitalize() for tier in tiers))
        slots = replace(slots, accounts=chosen or (f"F1.{tiers[0]}",), tier=said)
        masked = _FAMILY.sub(" ", _TIER_ALONE.sub(" accountslot ", masked))
    elif family is not None:
        name = f"F{family[1] or family[2]}"
        chosen = tuple(one for one in names.accounts if one.startswith(f"{name}."))
        slots = replace(slots, accounts=chosen or (name,), tier=f"family {name}")
        masked = _FAMILY.sub(" accountslot ", masked)
    return slots, masked


def _codes(masked: str, slots: Slots) -> tuple[Slots, str]:
    found = _OUTCOME.search(masked)
    if found is not None:
        slots = replace(slots, outcome=found[1].upper())
        masked = _OUTCOME.sub(" outcomeslot ", masked)
    masked = _RULE.sub(" ruleslot ", masked)
    named = {one.removesuffix("py").capitalize() for one in _CONDITION.findall(masked)}
    if len(named) == 1:
        slots = replace(slots, condition=named.pop())
    found = ORDER_NUMBER.search(masked)
    if found is not None:
        slots = replace(slots, number=int(found["named"]))
        return slots, ORDER_NUMBER.sub("order numberslot ", masked)
    found = _ENTRY.search(masked)
    if found is not None:
        slots = replace(slots, number=int(found[1]))
        masked = _ENTRY.sub(" entry numberslot ", masked)
    return slots, masked
