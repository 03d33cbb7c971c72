"""The book's risk as a screen shows it: limits used, greeks, issuers, gaps, stress, payoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.commands import Watch
from allusedesk.domain.money import Money
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.curve import CurveLeg, CurvePoint, curve, years_left
from allusedesk.engine.what_if.legs import LegGreeks, greeks_of
from allusedesk.engine.what_if.limits import IssuerUse, LimitUse, issuers_of, limits_used
from allusedesk.engine.what_if.lots import Held, all_held, lot_of
from allusedesk.engine.what_if.stress import MOVES, VOLATILITY_FACTORS, gains
from allusedesk.market.indicators import SESSIONS_PER_YEAR
from allusedesk.risk.revaluation import HeldLot
from allusedesk.risk.scenarios import MarketScenario
from allusedesk.risk.stress import StressLoss, stress

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A change of everything at once: spot by a fraction, volatilities by a factor, days gone."""

    name: str
    move: float
    factor: float
    days: int = 0


# The first of these are the overnight gaps, which are told beside every other figure.
GAPS = 2
SCENARIOS = (
    Scenario("Overnight gap of 10% down", -0.10, 1.0),
    Scenario("Overnight gap of 20% down", -0.20, 1.0),
    Scenario("Crash: 20% down, volatility doubled", -0.20, 2.0),
    Scenario("Slide: 30% down in 20 days, volatility half as much again", -0.30, 1.5, 20),
    Scenario("Fear alone: volatility doubled", 0.0, 2.0),
    Scenario("Rally: 10% up, volatility down by a quarter", 0.10, 0.75),
    Scenario("A quiet week: 7 days pass", 0.0, 1.0, 7),
)


@dataclass(frozen=True, slots=True)
class GreeksRow:
    """One underlying and expiry together; `expiry` is None for shares.

    `delta_value` is dollars of the underlying held by delta.
    """

    underlying: str
    expiry: date | None
    lots: int
    greeks: LegGreeks
    delta_value: float


@dataclass(frozen=True, slots=True)
class ScenarioLoss:
    """What a scenario brings or costs, by underlying, largest loss first."""

    scenario: Scenario
    total: float
    by_underlying: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RiskPicture:
    """The book's risk at one instant, in dollars; `stress[factor][move]` is gained or lost.

    `unpriced` names lots that no quote implies a volatility for: they count at intrinsic value.
    """

    equity: Money
    limits: tuple[LimitUse, ...]
    greeks: tuple[GreeksRow, ...]
    issuers: tuple[IssuerUse, ...]
    scenarios: tuple[ScenarioLoss, ...]
    stress: tuple[tuple[float, ...], ...]
    moves: tuple[float, ...]
    factors: tuple[float, ...]
    payoffs: tuple[tuple[str, float, tuple[CurvePoint, ...]], ...]
    unpriced: tuple[str, ...]
    is_modelled: bool

    def payoff_of(self, underlying: str) -> tuple[float, tuple[CurvePoint, ...]]:
        """Spot and payoff of one underlying; nothing where none of it is held."""
        for name, spot, points in self.payoffs:
            if name == underlying:
                return spot, points
        return 0.0, ()


def watch_of(state: DeskState) -> Watch:
    """What has to be looked at for the book's risk."""
    instruments = dict.fromkeys(lot.instrument for lot in state.book.all_positions())
    return Watch(held=tuple(instruments))


def risk_of(
    state: DeskState, snapshot: MarketSnapshot, named: Sequence[MarketScenario] = ()
) -> RiskPicture:
    """The risk of every lot held, by the quotes of `snapshot`; raises ValueError before a desk.

    `named` scenarios, such as those of history, stand behind the desk's own ones.
    """
    held = all_held(state, snapshot)
    lots = [lot_of(one) for one in held]
    table = gains(lots, snapshot.rate)
    return RiskPicture(
        equity=values_now(state).equity,
        limits=limits_used(state, snapshot),
        greeks=_greeks(held),
        issuers=issuers_of(state),
        scenarios=(
            *(_scenario(one, lots, snapshot.rate) for one in SCENARIOS),
            *(_named(one) for one in stress(lots, snapshot.rate, named)),
        ),
        stress=tuple(tuple(row) for row in table.sum(axis=0).tolist()),
        moves=MOVES,
        factors=VOLATILITY_FACTORS,
        payoffs=_payoffs(state, held, snapshot),
        unpriced=tuple(
            dict.fromkeys(
                str(one.lot.instrument)
                for one in held
                if one.lot.option is not None and one.volatility is None
            )
        ),
        is_modelled=any(one.quote is not None and one.quote.is_modelled for one in held),
    )


def _greeks(held: Sequence[Held]) -> tuple[GreeksRow, ...]:
    groups: dict[tuple[str, date | None], list[Held]] = {}
    for one in held:
        option = one.lot.option
        key = (one.lot.underlying, option.expiry if option is not None else None)
        groups.setdefault(key, []).append(one)
    rows = []
    for underlying, expiry in sorted(groups, key=lambda key: (key[0], key[1] or date.min)):
        ones = groups[underlying, expiry]
        together = LegGreeks()
        for one in ones:
            if one.quote is not None:
                together = together.plus(greeks_of(one.quote, one.lot.quantity_signed))
        value = together.delta * ones[0].spot
        rows.append(GreeksRow(underlying, expiry, len(ones), together, value))
    return tuple(rows)


def _scenario(scenario: Scenario, lots: Sequence[HeldLot], rate: float) -> ScenarioLoss:
    table = gains(lots, rate, (scenario.move,), (scenario.factor,), scenario.days / _DAYS_PER_YEAR)
    each = table.reshape(len(lots)).tolist()
    by_underlying: dict[str, list[float]] = {}
    for lot, gain in zip(lots, each, strict=True):
        by_underlying.setdefault(lot.underlying, []).append(gain)
    # Through Decimal, so that the order of lots does not show in the last digit.
    sums = {name: float(sum(map(Decimal, found))) for name, found in by_underlying.items()}
    ordered = tuple(sorted(sums.items(), key=lambda one: (one[1], one[0])))
    return ScenarioLoss(scenario, float(sum(map(Decimal, sums.values()))), ordered)


def _named(loss: StressLoss) -> ScenarioLoss:
    one = loss.scenario
    days = round(one.sessions * _DAYS_PER_YEAR / SESSIONS_PER_YEAR)
    scenario = Scenario(scenario_name(one), one.move, one.factor, days)
    return ScenarioLoss(scenario, loss.total, loss.by_underlying)


def scenario_name(one: MarketScenario) -> str:
    """How a scenario is offered on a list."""
    return one.name if one.name == one.id else f"{one.id}: {one.name}"


def _payoffs(
    state: DeskState, held: Sequence[Held], snapshot: MarketSnapshot
) -> tuple[tuple[str, float, tuple[CurvePoint, ...]], ...]:
    groups: dict[str, list[Held]] = {}
    for one in held:
        groups.setdefault(one.lot.underlying, []).append(one)
    found = []
    for underlying in sorted(groups):
        ones = groups[underlying]
        legs = [
            CurveLeg(
                one.lot.instrument, one.lot.quantity_signed, one.lot.price_average, one.volatility
            )
            for one in ones
        ]
        points = curve(
            legs,
            ones[0].spot,
            snapshot.rate,
            lambda day: years_left(day, snapshot.taken_at, state.rules),
        )
        found.append((underlying, ones[0].spot, points))
    return tuple(found)
