"""`DeskSnapshot`: the immutable picture of the desk that screens show."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime

from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.alerts import Severity, StandingAlert
from allusedesk.domain.arming import ArmedBy
from allusedesk.domain.events import ConditionClassified
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.domain.inputs import Mode
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.orders import Order
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import Quote
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.weeks import TradingWeek
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.question_log import QuestionEnd
from allusedesk.engine.snapshot_lots import HeldLot, held_lots_in_parts
from allusedesk.engine.snapshot_sleeves import (
    FamilyPicture,
    SleevePicture,
    family_pictures,
    sleeve_pictures_in_parts,
)
from allusedesk.engine.snapshot_trust import NO_PEOPLE, PeoplePicture, people_picture
from allusedesk.engine.state import Denial, DeskState

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A proposal that waits for an answer, or, approved, is on its way to the market."""

    proposal: Proposal
    is_approved: bool
    quantity_left: int


@dataclass(frozen=True, slots=True)
class DeskSnapshot:
    """The desk at one instant, for eyes; nothing in it can change.

    `sequence` is the entry it was taken after, `at` the desk's own instant. Lists come in the
    order a person reads them: soonest, oldest or by account first.
    """

    sequence: int
    at: datetime
    mode: Mode
    rulebook: str
    week: TradingWeek | None
    condition: ConditionClassified | None
    halted_by: str
    is_link_up: bool
    is_resuming: bool
    breakers: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    price_alarms: tuple[PriceAlarm, ...]
    rung: tuple[tuple[str, datetime], ...]
    sleeves: tuple[SleevePicture, ...]
    lots: tuple[HeldLot, ...]
    orders: tuple[Order, ...]
    tickets: tuple[OpenTicket, ...]
    underlyings: tuple[Quote, ...]
    cards: tuple[ApprovalCard, ...] = ()
    outcomes: tuple[QuestionEnd, ...] = ()
    families: tuple[FamilyPicture, ...] = ()
    denied: tuple[Denial, ...] = ()
    quote_seconds_max: float = 0.0
    notices_today: int = 0
    people: PeoplePicture = NO_PEOPLE
    armed: ArmedBy | None = None
    alerts: tuple[StandingAlert, ...] = ()
    forecast: ForecastMade | None = None
    strategies: tuple[StrategySwitched, ...] = ()

    @property
    def questions(self) -> tuple[Proposal, ...]:
        """What waits for a person, soonest deadline first."""
        return tuple(ticket.proposal for ticket in self.tickets if not ticket.is_approved)


def picture(
    state: DeskState,
    now: datetime,
    quote_of: QuoteOf,
    cards: tuple[ApprovalCard, ...] = (),
    before: DeskSnapshot | None = None,
) -> DeskSnapshot:
    """The desk as it stands, with the cards of what waits for an answer.

    A lot whose instrument `quote_of` does not know keeps its mark. What did not change since
    `before` is shown by the very objects of that picture.
    """
    parts = picture_in_parts(state, now, quote_of, cards, before)
    while True:
        try:
            next(parts)
        except StopIteration as made:
            seen: DeskSnapshot = made.value
            return seen


def picture_in_parts(
    state: DeskState,
    now: datetime,
    quote_of: QuoteOf,
    cards: tuple[ApprovalCard, ...] = (),
    before: DeskSnapshot | None = None,
) -> Generator[None, None, DeskSnapshot]:
    """As `picture`, pausing every millisecond or so; the state is that of the beginning."""
    found: dict[Instrument, Quote | None] = {}

    def quoted(instrument: Instrument) -> Quote | None:
        if instrument not in found:
            quote = quote_of(instrument)
            found[instrument] = quote if quote is not None else state.marks.get(instrument)
        return found[instrument]

    lots = yield from held_lots_in_parts(state, now, quoted, () if before is None else before.lots)
    yield
    is_same = before is not None and before.sequence == state.sequence
    sleeves = yield from sleeve_pictures_in_parts(
        state, lots, before.sleeves if before is not None and is_same else ()
    )
    yield
    symbols = sorted({*state.spots, *(held.lot.underlying for held in lots)})
    quotes = (quote_of(Stock(symbol)) for symbol in symbols)
    orders = (*state.orders.values(), *state.orders_over.values())
    return DeskSnapshot(
        sequence=state.sequence,
        at=now,
        mode=state.mode,
        rulebook="" if state.rulebook is None else state.rules.id,
        week=state.week,
        condition=state.condition,
        halted_by=state.halted_by,
        is_link_up=state.is_link_up,
        is_resuming=state.is_resuming,
        breakers=state.breakers,
        alarms=tuple(sorted(state.alarms.values(), key=lambda alarm: (alarm.due_at, alarm.id))),
        price_alarms=tuple(state.price_alarms[name] for name in sorted(state.price_alarms)),
        rung=tuple((name, state.rung[name]) for name in sorted(state.rung)),
        sleeves=sleeves,
        lots=lots,
        orders=tuple(sorted(orders, key=lambda order: (order.written_at, order.id))),
        tickets=_tickets(state),
        underlyings=tuple(quote for quote in quotes if quote is not None),
        cards=cards,
        families=family_pictures(state, sleeves),
        denied=state.denied,
        quote_seconds_max=float(state.rules.quotes.age_seconds_max) if state.rulebook else 0.0,
        notices_today=len(state.notices),
        people=people_picture(state, NO_PEOPLE if before is None else before.people),
        armed=state.armed,
        alerts=_alerts(state),
        forecast=state.forecast,
        strategies=state.strategies,
    )


def _alerts(state: DeskState) -> tuple[StandingAlert, ...]:
    """Critical ones first, then the oldest."""
    return tuple(
        sorted(
            state.alerts.values(),
            key=lambda one: (
                one.alert.severity is not Severity.CRITICAL,
                one.raised_at,
                one.alert.id,
            ),
        )
    )


def _tickets(state: DeskState) -> tuple[OpenTicket, ...]:
    tickets = sorted(
        state.tickets.values(), key=lambda one: (one.proposal.expires_at, one.proposal.id)
    )
    return tuple(
        OpenTicket(ticket.proposal, ticket.is_approved, ticket.quantity_left) for ticket in tickets
    )
