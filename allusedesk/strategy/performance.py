"""How strategies have done, by version and sleeve, and one record of them beside another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.money import Money, total
from allusedesk.domain.strategy_trades import StrategyTrade

# Fewer closed trades than this say nothing about a difference.
TRADES_MIN = 10


@dataclass(frozen=True, slots=True)
class Performance:
    """One strategy in one version and sleeve.

    `won` counts closed trades that brought more than they cost; `mean` and `deviation` are of
    their results in dollars a unit, None where too few are closed. `days_held` is their mean.
    """

    strategy: str
    account: AccountId
    opened: int
    closed: int
    won: int
    result: Money
    realised: Money
    unrealised: Money
    dividends: Money
    commission: Money
    best: Money | None
    worst: Money | None
    mean: float | None
    deviation: float | None
    days_held: float | None
    is_modelled: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A strategy live and in a backtest: means a unit, and the difference in standard errors.

    `gap` is None where either has fewer than `TRADES_MIN` closed trades, or no spread at all.
    """

    strategy: str
    live: Performance
    tested: Performance
    gap: float | None


def performance_of(trades: Sequence[StrategyTrade]) -> tuple[Performance, ...]:
    """The figures of each strategy, version and sleeve, by name."""
    groups: dict[tuple[str, AccountId], list[StrategyTrade]] = {}
    for trade in trades:
        groups.setdefault((trade.strategy, trade.account), []).append(trade)
    return tuple(_of(name, account, groups[name, account]) for name, account in sorted(groups))


def _of(strategy: str, account: AccountId, trades: list[StrategyTrade]) -> Performance:
    closed = [trade for trade in trades if trade.closed_on is not None]
    results = [trade.result for trade in closed]
    each = [float(trade.result.amount) / trade.units for trade in closed]
    mean = math.fsum(each) / len(each) if each else None
    days = [(trade.closed_on - trade.opened_on).days for trade in closed if trade.closed_on]
    return Performance(
        strategy=strategy,
        account=account,
        opened=len(trades),
        closed=len(closed),
        won=len([result for result in results if result.amount > Decimal(0)]),
        result=total([trade.result for trade in trades]),
        realised=total([trade.realised for trade in trades]),
        unrealised=total([trade.unrealised for trade in trades]),
        dividends=total([trade.dividends for trade in trades]),
        commission=total([trade.commission for trade in trades]),
        best=max(results, default=None),
        worst=min(results, default=None),
        mean=mean,
        deviation=_deviation(each, mean),
        days_held=math.fsum(days) / len(days) if days else None,
        is_modelled=any(trade.is_modelled for trade in trades),
    )


def _deviation(values: list[float], mean: float | None) -> float | None:
    """The sample's standard deviation, by n - 1."""
    if mean is None or len(values) == 1:
        return None
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def beside(live: Sequence[Performance], tested: Sequence[Performance]) -> tuple[Beside, ...]:
    """Each strategy of the one record that the other knows, in whichever sleeve it was tested.

    The gap is Welch's: the difference of means over the root of both squared standard errors.
    """
    of_test = {one.strategy: one for one in tested}
    return tuple(
        Beside(one.strategy, one, of_test[one.strategy], _gap(one, of_test[one.strategy]))
        for one in live
        if one.strategy in of_test
    )


def _gap(live: Performance, tested: Performance) -> float | None:
    if min(live.closed, tested.closed) < TRADES_MIN:
        return None
    if live.mean is None or tested.mean is None:
        return None
    if live.deviation is None or tested.deviation is None:
        return None
    error = math.sqrt(live.deviation**2 / live.closed + tested.deviation**2 / tested.closed)
    return (live.mean - tested.mean) / error if error > 0 else None
