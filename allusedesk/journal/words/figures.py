"""Figures of a record as a reader wants them: rounded, parts as per cent, ranges in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby

from allusedesk.domain.proposals import Comparison

# Names of figures that are parts of a whole: 0.15 reads as 15%.
_PARTS = (
    "drawdown",
    "early-assignment risk",
    "fall",
    "gain on the hedge",
    "index below its high",
    "margin use",
    "premium decayed",
    "premium earned",
    "symbols above their",
)
# A number whose thousands are apart already is left as it is.
_NUMBER = re.compile(r"(?<![\w.:-])(?<!\d,)-?\d+(?:\.\d+)?(?![\w:]|-\d|\.\d|,\d{3})")
_RANGE = re.compile(r"in ([\[(])([^,]+), ([^\])]+)([\])])")
_YES_OR_NO = {"True": "yes", "False": "no"}
_ENDLESS = ("-inf", "inf")
_SHOWN, _CENT = Decimal("0.0001"), Decimal("0.01")
_GROUPED_FROM, _ROUNDED_TO = 10_000, 10**12


def in_words(name: str, text: str) -> str:
    """A figure's value or limit, rounded to four digits; parts of a whole as per cent.

    Days, times and words stay as they are. An interval such as `in (0.10, 0.15]` becomes
    `above 10% to 15%`.
    """
    if text in _YES_OR_NO:
        return _YES_OR_NO[text]
    is_part = name.startswith(_PARTS)

    def shown(found: re.Match[str]) -> str:
        return _percent(found[0]) if is_part else _rounded(found[0])

    return _NUMBER.sub(shown, _RANGE.sub(_range_in_words, text))


def met_in_words(comparisons: Iterable[Comparison]) -> list[str]:
    """Figures beside what they were held against, such as `delta 41 (40 to 45)`.

    One figure held against several limits in a row is told once.
    """
    told = []
    for (name, value), group in groupby(comparisons, key=lambda one: (one.name, one.value)):
        apart = ":" if name[-1:].isdigit() else ""
        told.append(f"{name}{apart} {in_words(name, value)} ({_limits(name, group)})")
    return told


def _limits(name: str, comparisons: Iterable[Comparison]) -> str:
    return "; ".join(
        in_words(name, one.limit) + ("" if one.passed else ": not met") for one in comparisons
    )


def _range_in_words(found: re.Match[str]) -> str:
    opening, low, high, closing = found.groups()
    if low in _ENDLESS:
        return f"{'at most' if closing == ']' else 'below'} {high}"
    if high in _ENDLESS:
        return f"{'at least' if opening == '[' else 'above'} {low}"
    above = "" if opening == "[" else "above "
    return f"{above}{low} to {'' if closing == ']' else 'below '}{high}"


def _percent(number: str) -> str:
    value = Decimal(number) * 100
    if abs(value) >= _ROUNDED_TO:
        return f"{number} x 100%"
    return f"{_plain(value.quantize(_CENT, ROUND_HALF_EVEN))}%"


def _rounded(number: str) -> str:
    """Large numbers are money: cents and thousands apart; of small ones four digits count."""
    value = Decimal(number)
    if abs(value) >= _ROUNDED_TO:
        return number
    if abs(value) < _GROUPED_FROM:
        return _plain(value.quantize(_SHOWN, ROUND_HALF_EVEN))
    return f"{value:,}" if value == value.to_integral_value() else f"{value:,.2f}"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
