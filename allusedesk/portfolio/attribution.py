"""Profit of a period by account, strategy, week, rule and greek: the parts are the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import Enum

from allusedesk.domain.money import CENT, NOTHING, Money
from allusedesk.portfolio.attribution_days import GREEKS, LotDay, SleeveDay

NO_LOT = "interest and fees"
DIVIDENDS, COSTS, REST = "dividends", "costs", "rest"


class By(Enum):
    """What a profit is divided by."""

    ACCOUNT = "account"
    STRATEGY = "strategy"
    WEEK_TYPE = "week type"
    OUTCOME = "outcome"
    RULE = "rule"
    UNDERLYING = "underlying"
    GREEK = "greek"


@dataclass(frozen=True, slots=True)
class LotTags:
    """What the record knows of a lot's day: who wanted it, and how its week ended."""

    strategy: str
    rule: str
    week_type: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a profit, to the cent."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Cut:
    """The whole profit by one thing; the parts sum to it to the cent."""

    by: By
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """A period from the close before `first` to that of `last`.

    `whole` is the change of equity without `moved`, money from outside; each cut divides it.
    """

    first: date
    last: date
    equity_start: Money
    equity_end: Money
    moved: Money
    whole: Money
    cuts: tuple[Cut, ...]

    def by(self, by: By) -> Cut:
        """The cut by one thing."""
        return next(cut for cut in self.cuts if cut.by is by)


def attribute(
    lots: Sequence[LotDay],
    sleeves: Sequence[SleeveDay],
    tags_of: Callable[[LotDay], LotTags],
    week_type_of: Callable[[SleeveDay], str],
    equity_start: Money,
) -> Attribution:
    """Divide what all sleeves earned by everything there is to divide it by.

    `week_type_of` tells the week's label for cash that no lot earned. Raises ValueError where no
    sleeve was marked.
    """
    if not sleeves:
        raise ValueError("No sleeve was marked in the period, so there is nothing to divide.")
    days = sorted({one.on for one in sleeves})
    whole = NOTHING.plus(one.gain for one in sleeves)
    tagged = [(one, tags_of(one)) for one in lots]
    by_name: dict[By, list[tuple[str, Decimal]]] = {
        By.ACCOUNT: [(one.account, one.whole) for one in lots],
        By.STRATEGY: [(tags.strategy, one.whole) for one, tags in tagged],
        By.WEEK_TYPE: [(tags.week_type, one.whole) for one, tags in tagged],
        By.OUTCOME: [(tags.outcome, one.whole) for one, tags in tagged],
        By.RULE: [(tags.rule, one.whole) for one, tags in tagged],
        By.UNDERLYING: [(one.underlying, one.whole) for one in lots],
        By.GREEK: list(_by_greek(lots)),
    }
    for one in sleeves:
        for by, parts in by_name.items():
            name = NO_LOT
            if by is By.ACCOUNT:
                name = one.account
            elif by is By.WEEK_TYPE:
                name = week_type_of(one)
            parts.append((name, one.other))
    ends = [one for one in sleeves if one.on == days[-1]]
    return Attribution(
        days[0],
        days[-1],
        equity_start,
        NOTHING.plus(one.equity for one in ends),
        NOTHING.plus(one.moved for one in sleeves),
        _cents(whole),
        tuple(_cut(by, parts, whole) for by, parts in by_name.items()),
    )


def _by_greek(lots: Iterable[LotDay]) -> Iterable[tuple[str, Decimal]]:
    for one in lots:
        yield from zip(GREEKS, (one.delta, one.gamma, one.theta, one.vega), strict=True)
        yield REST, one.rest
        yield DIVIDENDS, one.dividends
        yield COSTS, one.costs


def _cut(by: By, parts: Sequence[tuple[str, Decimal]], whole: Money) -> Cut:
    sums: dict[str, Decimal] = {}
    for name, amount in parts:
        sums[name] = sums.get(name, Decimal(0)) + amount
    names = [*sums] if by is By.GREEK else _in_order(by, sums)
    amounts = cents_that_sum([sums[name] for name in names], whole.amount)
    found = [Part(name, Money(one)) for name, one in zip(names, amounts, strict=True)]
    # Accounts and greeks are looked for even where they earned nothing.
    keep = by in {By.ACCOUNT, By.GREEK}
    return Cut(by, tuple(part for part in found if part.amount or (keep and part.name != NO_LOT)))


def _in_order(by: By, sums: dict[str, Decimal]) -> list[str]:
    if by is By.ACCOUNT:
        return sorted(sums)
    return sorted(sums, key=lambda name: (-abs(sums[name]), name))


def cents_that_sum(parts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """Parts in cents that sum to the whole in cents; each is within a cent of what it was.

    Rounded down, the cents left over go to those that lost most, ties to the first. Raises
    ValueError where the parts do not sum to the whole before that.
    """
    if abs(sum(parts, Decimal(0)) - whole) >= CENT / 2:
        raise ValueError(f"Parts of {sum(parts, Decimal(0))} do not make a whole of {whole}.")
    rounded = [part.quantize(CENT, ROUND_FLOOR) for part in parts]
    target = whole.quantize(CENT, ROUND_HALF_EVEN)
    left = int((target - sum(rounded, Decimal(0))) / CENT)
    order = sorted(range(len(parts)), key=lambda place: rounded[place] - parts[place])
    for step in range(abs(left)):
        rounded[order[step % len(order)]] += CENT if left > 0 else -CENT
    return rounded


def _cents(amount: Money) -> Money:
    return Money(amount.amount.quantize(CENT, ROUND_HALF_EVEN), amount.currency)
