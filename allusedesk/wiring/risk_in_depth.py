"""What a screen asks of the book's risk in depth: answered apart from the engine's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from allusedesk.domain.money import Money
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.book import (
    CONFIDENCE,
    BetaGreeks,
    BookRisk,
    book_risk,
    with_their_sum,
)
from allusedesk.engine.what_if.risk import watch_of
from allusedesk.journal.store import JournalReader
from allusedesk.risk.backtesting_of_var import VarDay, judge_record
from allusedesk.wiring.book_on_record import VarHistory, book_on_record, var_history
from allusedesk.wiring.risk_texts import edges_shipped, scenarios_for_screens
from allusedesk.wiring.screen_looks import ScreenLooks

_SEED = 1


@dataclass(frozen=True, slots=True)
class BookSeen:
    """The desk at an instant and what the market showed of it: values that never change."""

    state: DeskState
    snapshot: MarketSnapshot
    looks: ScreenLooks
    at: datetime


@dataclass(frozen=True, slots=True)
class LossRow:
    """One way's loss in dollars; `outcomes` is 0 for a formula."""

    way: str
    value_at_risk: float
    expected_shortfall: float
    outcomes: int


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """A figure against its two edges, all in parts of equity, and where it stands in words."""

    name: str
    value: float
    soft: float
    hard: float
    left_to_soft: float
    left_to_hard: float
    stands: str


@dataclass(frozen=True, slots=True)
class ExitRow:
    """What closing one instrument takes; None where it is not known."""

    instrument: str
    quantity: int
    days: int | None
    spread_cost: Money | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The record of what was told, and how likely one as bad is where the measure is right."""

    what: str
    days: int
    beyond: int
    expected: float
    light: str
    coverage: float
    independence: float
    both: float


@dataclass(frozen=True, slots=True)
class RecordDay:
    """What was told for a day, and what the book left alone did on it."""

    on: date
    told: float
    outcome: float

    @property
    def is_beyond(self) -> bool:
        return self.outcome < -self.told


@dataclass(frozen=True, slots=True)
class RiskInDepth:
    """The book's risk as a screen shows it, and the record of the losses told."""

    at: datetime
    equity: Money
    lots: int
    losses: tuple[LossRow, ...]
    edges: tuple[EdgeRow, ...]
    betas: tuple[BetaGreeks, ...]
    exits: tuple[ExitRow, ...]
    days: tuple[RecordDay, ...]
    records: tuple[RecordRow, ...]
    notes: tuple[str, ...]


def look_at_book(state: DeskState, looks: ScreenLooks, at: datetime) -> BookSeen:
    """What the engine's thread is asked for: one look at what is held."""
    return BookSeen(state, looks.sample(watch_of(state), at), looks, at)


def risk_in_depth(
    seen: BookSeen, journal: Path, is_stopped: Callable[[], bool] = lambda: False
) -> RiskInDepth | None:
    """Measure and read the record; takes seconds. None where it was stopped on the way.

    Raises JournalFault where the journal cannot be read.
    """
    scenarios, _ = scenarios_for_screens()
    held = {lot.underlying for lot in seen.state.book.all_positions()}
    with JournalReader.open(journal) as reader:
        record = book_on_record(reader)
    if is_stopped():
        return None
    symbols = tuple(sorted({*held, *record.symbols}))
    figures = seen.looks.risk_figures(symbols, seen.at)
    risk = book_risk(
        seen.state,
        seen.snapshot,
        figures,
        scenarios,
        edges_shipped(),
        np.random.default_rng(_SEED),
    )
    return _shown(risk, var_history(record.closes, figures.table, CONFIDENCE))


def _shown(risk: BookRisk, history: VarHistory) -> RiskInDepth:
    judged = (("Left alone", history.held), ("As traded", history.traded))
    return RiskInDepth(
        at=risk.at,
        equity=risk.equity,
        lots=risk.lots,
        losses=tuple(
            LossRow(one.way, one.value_at_risk, one.expected_shortfall, one.outcomes)
            for one in risk.losses
        ),
        edges=tuple(
            EdgeRow(
                one.title,
                one.value,
                one.edges.soft,
                one.edges.hard,
                one.left_to_soft,
                one.left_to_hard,
                one.state.value,
            )
            for one in risk.edges
        ),
        betas=with_their_sum(risk.betas),
        exits=tuple(
            ExitRow(str(one.instrument), one.quantity, one.days, one.spread_cost)
            for one in risk.exits
        ),
        days=tuple(RecordDay(one.on, one.value_at_risk, one.outcome) for one in history.held),
        records=tuple(_record(what, days) for what, days in judged if days),
        notes=risk.notes,
    )


def _record(what: str, days: Sequence[VarDay]) -> RecordRow:
    found = judge_record(days, CONFIDENCE)
    return RecordRow(
        what,
        found.days,
        found.exceptions,
        found.expected,
        found.light.zone.value,
        found.coverage.probability,
        found.independence.probability,
        found.conditional.probability,
    )
