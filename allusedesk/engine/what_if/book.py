"""The whole book's risk in depth: losses at a confidence, betas, scenarios, ways out, edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Money
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.sleeve_views import values_now
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.legs import greeks_of
from allusedesk.engine.what_if.limits import IssuerUse, issuers_of
from allusedesk.engine.what_if.lots import Held, all_held, lot_of
from allusedesk.risk.betas import OF_VOLATILITY, Beta, betas_of
from allusedesk.risk.concentration import Concentration, concentration
from allusedesk.risk.edges import Against, Edges
from allusedesk.risk.liquidity import Exit, exit_of
from allusedesk.risk.revaluation import HeldLot, with_early_exercise
from allusedesk.risk.scenarios import MarketScenario
from allusedesk.risk.stress import StressLoss, rate_shifts, stress
from allusedesk.risk.value_at_risk import (
    CannotMeasure,
    LossMeasured,
    ReturnTable,
    historical,
    parametric,
    simulated,
)

if TYPE_CHECKING:
    from numpy.random import Generator

CONFIDENCE, WINDOW_SESSIONS = 0.99, 500
ALL_TOGETHER = "all together"
_OTHER_MEASURE = (
    f"The edges of value at risk and expected shortfall are for one session at {CONFIDENCE:.0%}, "
    "so losses measured otherwise are not held against them."
)
_GAPS = (("gap_10", -0.10), ("gap_20", -0.20))


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """What a history tells of the market up to now; `table` is None where there is none.

    `volumes` are shares traded on an average day of the last month, by symbol. Symbols `seldom`
    seen have returns of several days in one and nothing between: they have no beta.
    """

    table: ReturnTable | None
    volumes: tuple[tuple[str, float], ...] = ()
    note: str = ""
    seldom: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BetaGreeks:
    """An underlying's delta in dollars, and what it is worth in dollars of the index.

    `weighted_delta` is beta times the delta; gamma and the other greeks are the underlying's own:
    `gamma` in dollars of delta a percent of the underlying, weighted by beta squared, `theta` in
    dollars a day, `vega` in dollars a point. `beta` is None where none could be measured: one is
    taken, for VIX none at all, and for all underlyings together there is none.
    """

    underlying: str
    beta: Beta | None
    delta: float
    weighted_delta: float
    gamma: float
    weighted_gamma: float
    theta: float
    vega: float


@dataclass(frozen=True, slots=True)
class BookRisk:
    """The book's risk at one instant; dollars, losses positive where the name says loss."""

    at: datetime
    equity: Money
    lots: int
    losses: tuple[LossMeasured, ...]
    betas: tuple[BetaGreeks, ...]
    scenarios: tuple[StressLoss, ...]
    rates: tuple[tuple[float, float], ...]
    issuers: Concentration
    exits: tuple[Exit, ...]
    edges: tuple[Against, ...]
    notes: tuple[str, ...]


def book_risk(
    state: DeskState,
    snapshot: MarketSnapshot,
    figures: MarketFigures,
    scenarios: Sequence[MarketScenario],
    edges: Sequence[Edges],
    generator: Generator,
    confidence: float = CONFIDENCE,
    days: int = 1,
) -> BookRisk:
    """Every figure of the book's risk; raises ValueError before a desk was opened.

    Losses look back on at most 500 sessions. Early exercise is counted, which takes about 17 ms a
    put, so this is a question for a command or a thread of its own.
    """
    held = all_held(state, snapshot)
    lots = with_early_exercise([lot_of(one) for one in held], snapshot.rate)
    losses, notes = _losses(lots, snapshot.rate, figures, confidence, days, generator)
    symbols = list(dict.fromkeys(one.lot.underlying for one in held))
    often = [symbol for symbol in symbols if symbol not in figures.seldom]
    measured = betas_of(figures.table, often) if figures.table is not None else ()
    betas = {one.symbol: one for one in measured}
    by_beta = {symbol: beta.value for symbol, beta in betas.items()}
    stressed = stress(lots, snapshot.rate, scenarios, by_beta or None)
    equity = values_now(state).equity
    used = issuers_of(state)
    issuers = concentration({one.issuer: float(one.used.amount) for one in used})
    if not held and not losses:
        notes = (*notes, "Nothing but cash is held.")
    if (confidence, days) != (CONFIDENCE, 1):
        notes = (*notes, _OTHER_MEASURE)
    return BookRisk(
        at=snapshot.taken_at,
        equity=equity,
        lots=len(held),
        losses=losses,
        betas=tuple(_beta_greeks(symbol, betas.get(symbol), held) for symbol in symbols),
        scenarios=stressed,
        rates=rate_shifts(lots, snapshot.rate),
        issuers=issuers,
        exits=_exits(held, figures),
        edges=_against(
            edges,
            lots,
            snapshot.rate,
            losses if (confidence, days) == (CONFIDENCE, 1) else (),
            stressed,
            used,
            equity,
        ),
        notes=tuple(dict.fromkeys(notes)),
    )


def _losses(
    lots: Sequence[HeldLot],
    rate: float,
    figures: MarketFigures,
    confidence: float,
    days: int,
    generator: Generator,
) -> tuple[tuple[LossMeasured, ...], tuple[str, ...]]:
    if figures.table is None:
        return (), (figures.note,)
    table = figures.table.last(WINDOW_SESSIONS)
    try:
        losses = (
            historical(lots, rate, table, confidence, days),
            simulated(lots, rate, table, confidence, generator, days),
            parametric(lots, rate, table, confidence, days),
        )
    except CannotMeasure as refusal:
        return (), (str(refusal),)
    notes = [note for loss in losses for note in loss.notes]
    return losses, (*((figures.note,) if figures.note else ()), *notes)


def _beta_greeks(symbol: str, beta: Beta | None, held: Sequence[Held]) -> BetaGreeks:
    delta, gamma, theta, vega = [], [], [], []
    for one in held:
        if one.lot.underlying == symbol and one.quote is not None:
            own = greeks_of(one.quote, one.lot.quantity_signed)
            delta.append(own.delta * one.spot)
            gamma.append(own.gamma * one.spot * one.spot / 100.0)
            theta.append(own.theta)
            vega.append(own.vega)
    unknown = 0.0 if symbol in OF_VOLATILITY else 1.0
    slope = beta.value if beta is not None else unknown
    return BetaGreeks(
        underlying=symbol,
        beta=beta,
        delta=math.fsum(delta),
        weighted_delta=slope * math.fsum(delta),
        gamma=math.fsum(gamma),
        weighted_gamma=slope * slope * math.fsum(gamma),
        theta=math.fsum(theta),
        vega=math.fsum(vega),
    )


def with_their_sum(betas: Sequence[BetaGreeks]) -> tuple[BetaGreeks, ...]:
    """The underlyings and a row of all of them; what is weighted is dollars of one index.

    Nothing held stays nothing.
    """
    if not betas:
        return ()
    whole = BetaGreeks(
        underlying=ALL_TOGETHER,
        beta=None,
        delta=math.fsum(one.delta for one in betas),
        weighted_delta=math.fsum(one.weighted_delta for one in betas),
        gamma=math.fsum(one.gamma for one in betas),
        weighted_gamma=math.fsum(one.weighted_gamma for one in betas),
        theta=math.fsum(one.theta for one in betas),
        vega=math.fsum(one.vega for one in betas),
    )
    return (*betas, whole)


def _exits(held: Sequence[Held], figures: MarketFigures) -> tuple[Exit, ...]:
    """One line for each instrument, all its lots together; unknown first, then the longest."""
    volumes = dict(figures.volumes)
    counts: dict[object, int] = {}
    firsts: dict[object, Held] = {}
    for one in held:
        counts[one.lot.instrument] = counts.get(one.lot.instrument, 0) + one.lot.quantity_signed
        firsts.setdefault(one.lot.instrument, one)
    found = []
    for instrument, one in firsts.items():
        if not counts[instrument]:
            # Sleeves of one account that hold both sides of it have nothing to close at the broker.
            continue
        quote = one.quote
        volume = volumes.get(one.lot.underlying)
        if isinstance(one.lot.instrument, OptionContract):
            volume = quote.volume_average if quote is not None else None
        bid, ask = (quote.bid, quote.ask) if quote is not None else (None, None)
        found.append(exit_of(one.lot.instrument, counts[instrument], volume, bid, ask))
    return tuple(sorted(found, key=_slowest))


def _slowest(one: Exit) -> tuple[float, str]:
    """What nobody knows how to close may take longest of all."""
    return (-math.inf if one.days is None else -one.days), str(one.instrument)


def _against(
    edges: Sequence[Edges],
    lots: Sequence[HeldLot],
    rate: float,
    losses: Sequence[LossMeasured],
    stressed: Sequence[StressLoss],
    used: Sequence[IssuerUse],
    equity: Money,
) -> tuple[Against, ...]:
    """Each measured figure against its edges; a figure that could not be measured is left out."""
    whole = float(equity.amount)
    if not whole > 0.0:
        return ()
    figures: dict[str, float] = {}
    if losses:
        figures["value_at_risk"] = losses[0].value_at_risk / whole
        figures["expected_shortfall"] = losses[0].expected_shortfall / whole
    gaps = stress(lots, rate, [MarketScenario(name, name, move) for name, move in _GAPS])
    figures.update({gap.scenario.id: -gap.total / whole for gap in gaps})
    if stressed:
        figures["worst_scenario"] = max(one.worst for one in stressed) / whole
    if used:
        figures["largest_name"] = float(used[0].used.amount) / whole
    return tuple(Against(one, figures[one.name]) for one in edges if one.name in figures)
