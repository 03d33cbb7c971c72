"""A desk on paper over recorded time at a chosen pace: durable, and resumed where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from allusedesk.domain.book import Book, CashPile
from allusedesk.domain.events import Entry, WeekClosed
from allusedesk.domain.inputs import DeskOpened, DeskResumed, Mode
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import Money, total
from allusedesk.domain.orders import Order
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import Session
from allusedesk.engine.clock import SteeredClock
from allusedesk.engine.doors import Doors, Operator
from allusedesk.engine.loop import Engine, Observer
from allusedesk.engine.market_watch import MarketWatch
from allusedesk.engine.meters import Meters
from allusedesk.engine.publishing import Publisher
from allusedesk.engine.question_log import QuestionLog
from allusedesk.engine.reopening import reopened
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import StateUnreadable, read_state, write_state
from allusedesk.execution.clearing import Custody
from allusedesk.journal.store import Journal
from allusedesk.market.quote_board import QuoteBoard
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.wiring.advising import Adviser, engine_beside
from allusedesk.wiring.choices import exchange_calendar, policy_of, rulebook_text
from allusedesk.wiring.desk_levels import WatchedDesk
from allusedesk.wiring.paper_doors import (
    DeskOperator,
    PaperMarket,
    PolicyOperator,
    cash_follows,
)
from allusedesk.wiring.recorded_world import (
    broker_of,
    end_of,
    feed_of,
    history_of,
    midnight,
    sessions_of,
    weeks_of,
)
from allusedesk.wiring.rehearsal import fund_desk, open_desk
from allusedesk.wiring.report_shelf import FOLDER
from allusedesk.wiring.reports_of_desk import CutReports, ReportsOfDesk
from allusedesk.wiring.requests import (
    ASK,
    PAPER_JOURNAL_NAME,
    PROGRAM,
    RehearsalRequest,
    RequestRefused,
)
from allusedesk.wiring.screen_looks import ScreenLooks


@dataclass(slots=True)
class PaperDesk:
    """A paper desk ready to run; `was_resumed` tells whether its journal was there already."""

    engine: Engine
    journal: Journal
    until: datetime
    was_resumed: bool
    clock: SteeredClock
    publisher: Publisher
    market: PaperMarket
    looks: ScreenLooks
    reports: ReportsOfDesk

    async def run(self) -> None:
        """Run to the end of the recorded time or until stopped, then close the journal."""
        try:
            await self.engine.run(self.until)
        finally:
            self.reports.close()
            self.journal.close()

    def watched(self) -> WatchedDesk:
        """What a watch looks at of this desk."""
        return WatchedDesk(
            engine=self.engine,
            clock=self.clock,
            market=self.market.watch,
            journal=self.journal.path,
            is_simulated=True,
            name=Mode.PAPER.value,
            publisher=self.publisher,
        )


def build_paper_desk(
    request: RehearsalRequest, speed: float | None, observers: tuple[Observer, ...] = ()
) -> PaperDesk:
    """Open the paper desk in `request.out`, or go on with the one that stopped there.

    `speed` is recorded seconds per real second; None runs as fast as the machine goes. Going on,
    the journal's own rulebook, symbols and seed hold, whatever the request says. Raises as
    `build_rehearsal` does, and JournalDamaged where the journal cannot be read.
    """
    path = request.out / PAPER_JOURNAL_NAME
    request.out.mkdir(parents=True, exist_ok=True)
    request = replace(request, mode=Mode.PAPER)
    journal = Journal.open(path) if path.exists() else None
    request, text, rules, state = _begun(request, journal)
    calendar = exchange_calendar()
    sessions = sessions_of(request, calendar)
    history = history_of(request, rules, calendar)
    feed = feed_of(history, sessions, calendar, request.seed)
    begins = midnight(sessions[0].date) if state.now is None else state.now
    clock = SteeredClock(begins, speed)
    broker = broker_of(feed, sessions, clock, rules, request.seed)

    def quote_of(instrument: Instrument) -> Quote | None:
        return feed.quote(instrument, clock.now())

    broker.on_market(clock.now(), quote_of)
    if journal is None:
        journal = Journal.create(path, durable=True)
    market = PaperMarket(MarketWatch(feed, QuoteBoard()), broker, quote_of)
    operator = operator_of(request.approve, clock)
    cutting = CutReports(path, request.out / FOLDER, with_evidence=False)
    reports = ReportsOfDesk(cutting, is_real_time=False)
    doors = Doors(
        clock=clock,
        record=journal,
        market=market,
        broker=broker,
        operator=operator,
        calendar=weeks_of(feed, history, calendar),
        reports=reports,
    )
    followers = (operator.observe,) if isinstance(operator, DeskOperator) else ()
    questions = QuestionLog()
    followers = (*followers, questions.observe, cash_follows(broker), snapshots_of(journal))
    meters = Meters(lambda: clock.speed)
    adviser = Adviser(history, rules, journal) if request.advice else None
    engine = engine_beside(adviser, doors, state, (*observers, *followers), meters)
    reports.tell(engine.inbox.admit)
    was_resumed = state.now is not None
    if was_resumed:
        feed.pull(begins)
        custody = custody_of(state.book)
        broker.take_over(custody, _works_since(begins, sessions, custody), received_by(state))
        if not state.book.families:
            # It died between its opening and its money, which comes in now.
            fund_desk(engine, request.capital, sessions[0].date)
            broker.transfer_cash(Money(request.capital))
        engine.inbox.admit(DeskResumed(begins, PROGRAM))
    else:
        open_desk(engine, request, text, history, sessions[0].date)
        broker.transfer_cash(Money(request.capital))
    until = end_of(request, calendar, rules)
    publisher = Publisher(engine, clock.now, quote_of, questions)
    looks = ScreenLooks(history, feed, calendar)
    return PaperDesk(engine, journal, until, was_resumed, clock, publisher, market, looks, reports)


def _begun(
    request: RehearsalRequest, journal: Journal | None
) -> tuple[RehearsalRequest, str, Rulebook, DeskState]:
    """Where a desk begins: as recorded, else as requested; a journal it cannot read is let go."""
    try:
        if journal is not None and journal.head()[0]:
            state = state_of(journal)
            request, text = as_recorded(request, journal)
        else:
            # A desk that died before its first entry left an empty journal; it begins anew in it.
            text, state = rulebook_text(request.rulebook), DeskState()
        return request, text, parse_rulebook(text), state
    except BaseException:
        if journal is not None:
            journal.close()
        raise


def operator_of(approve: str, clock: SteeredClock) -> Operator:
    """A person at the desk's screen for `ask`, else the policy of that name or file."""
    return DeskOperator(clock) if approve == ASK else PolicyOperator(policy_of(approve))


def state_of(journal: Journal) -> DeskState:
    """The state a journal's entries make: from its latest snapshot, else from the beginning.

    What a crash kept from following the last input is written behind it.
    """
    state, first = DeskState(), 1
    kept = journal.latest_snapshot()
    if kept is not None:
        try:
            state, first = read_state(kept.body), kept.sequence + 1
        except StateUnreadable:
            state, first = DeskState(), 1
    state, missing = reopened(journal.read(first), state)
    if missing:
        journal.append(missing)
    return state


def _works_since(begins: datetime, sessions: tuple[Session, ...], custody: Custody) -> datetime:
    """When the paper broker goes on: now, or the close before a night that is not over yet.

    Nobody was told yet what became of the options that ended at that close and are still held.
    """
    past = [session for session in sessions if session.closes_at <= begins]
    coming = [session for session in sessions if session.closes_at > begins]
    if not past or (coming and coming[0].opens_at <= begins):
        return begins
    ended = any(option.expiry <= past[-1].date for option, _ in custody.options())
    return past[-1].closes_at if ended else begins


def custody_of(book: Book) -> Custody:
    """The simulated broker's account, from our own book: it lives in the desk and ends with it."""
    piles = [book.cash[account] for account in sorted(book.cash)]
    pending: dict[date, Money] = {}
    for pile in piles:
        for day, amount in pile.pending:
            pending[day] = pending[day] + amount if day in pending else amount
    cash = CashPile(total([pile.settled for pile in piles]), tuple(sorted(pending.items())))
    custody = Custody(cash)
    for lot in book.all_positions():
        custody = custody.with_change(lot.instrument, lot.quantity_signed)
    return custody


def received_by(state: DeskState) -> tuple[Order, ...]:
    """The orders that the simulated broker of the desk before had; they ended with it."""
    names = sorted(name for name in state.orders if name in state.heard_of)
    return tuple(state.orders[name] for name in names)


def as_recorded(request: RehearsalRequest, journal: Journal) -> tuple[RehearsalRequest, str]:
    """The request as the journal's desk was opened, and the text of its rulebook.

    Raises RequestRefused for a journal that does not begin with an opening.
    """
    opened = next(iter(journal.read(1, 1)), None)
    if opened is None or not isinstance(opened.event, DeskOpened):
        journal.close()
        raise RequestRefused(
            f"{journal.path} does not begin with the opening of a desk: choose another folder."
        )
    event = opened.event
    began = opened.recorded_at.date()
    return (
        replace(
            request,
            first=began,
            rulebook=event.rulebook,
            symbols=event.symbols,
            seed=event.seed,
            mode=event.mode,
        ),
        event.rulebook_text,
    )


def snapshots_of(journal: Journal) -> Observer:
    """Keeps the state whenever a week is final, so that the next start folds a short tail."""
    is_due = False

    def keep(state: DeskState, entry: Entry) -> None:
        nonlocal is_due
        is_due = is_due or (isinstance(entry.event, WeekClosed) and entry.event.is_final)
        # A step is recorded whole, so only its last entry belongs to the state it led to.
        if is_due and entry.sequence == state.sequence:
            journal.keep_snapshot(write_state(state))
            is_due = False

    return keep
