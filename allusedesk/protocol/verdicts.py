"""What a rule answers: a verdict, the rule's id, and each comparison made on the way."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from allusedesk.domain.proposals import Comparison, NamedAmount

_SHOWN, _HUNDREDTH = Decimal("1e-8"), Decimal("0.01")
# Beyond this a quotient has no room for eight digits more.
_LARGE = Decimal("1e18")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer; `rule` is named on a pass too. `clips` and `warnings` concern orders."""

    verdict: str
    rule: str
    comparisons: tuple[Comparison, ...]
    amounts: tuple[NamedAmount, ...] = ()
    clips: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


class RuleAbsent(Exception):
    """The rulebook has no such rule; says which one has, or what to ask instead."""


def written(value: Decimal | int) -> str:
    """A number as plain digits, without needless zeros."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}" if value.is_finite() else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def ratio(part: Decimal, whole: Decimal) -> str:
    """A quotient to eight digits, for reading only; limits are held against products."""
    if not whole:
        return "no ratio"
    quotient = part / whole
    if abs(quotient) >= _LARGE:
        return written(quotient)
    return written(quotient.quantize(_SHOWN, ROUND_HALF_EVEN))


def percent(part: Decimal, whole: Decimal) -> str:
    """A share to a hundredth of a percent, rounded up, so that what is beyond a limit shows it."""
    share = 100 * part / whole if whole else Decimal("NaN")
    if not share.is_finite() or abs(share) >= _LARGE:
        return "no share"
    return f"{written(share.quantize(_HUNDREDTH, ROUND_CEILING))}%"


def compared(name: str, value: Decimal | int | str, limit: str, *, passed: bool) -> Comparison:
    """One figure against one limit that says its own direction, such as `at least 500`."""
    return Comparison(name, value if isinstance(value, str) else written(value), limit, passed)


def exact(value: float) -> Decimal:
    """A float as the decimal it prints as; the only way a computed figure meets a limit."""
    return Decimal(repr(float(value)))
