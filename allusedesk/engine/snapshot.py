"""`DeskSnapshot`: the immutable picture of the desk that screens show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.accounts import Account
from allusedesk.domain.alarms import Alarm, PriceAlarm
from allusedesk.domain.events import ConditionClassified, SleeveState
from allusedesk.domain.inputs import Mode
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.money import Money
from allusedesk.domain.orders import Order
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import TradingWeek
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.sleeve_views import cash_free, fee_per_contract
from allusedesk.engine.state import DeskState
from allusedesk.portfolio.valuation import value_book
from allusedesk.protocol.views import Freeze

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class HeldLot:
    """One lot with its quote; without a usable one it stands at cost and `is_marked` is False.

    `value` is what the lot is worth (shorts negative), `unrealised` its profit before fees.
    `level` is L0 to L3, empty where none was measured.
    """

    lot: Position
    quote: Quote | None
    value: Money
    unrealised: Money
    is_marked: bool
    level: str


@dataclass(frozen=True, slots=True)
class SleevePicture:
    """One sleeve's money and standing; `freezes` say why nothing new is entered.

    `cash_free` is settled cash that no short put holds; `drawdown` a fraction of `high`.
    """

    account: Account
    state: SleeveState
    base: Money
    equity: Money
    cash_settled: Money
    cash_pending: tuple[tuple[date, Money], ...]
    collateral: Money
    cash_free: Money
    unrealised: Money
    high: Money
    drawdown: Decimal
    freezes: tuple[str, ...]
    is_calls_only: bool
    symbols: tuple[str, ...]
    tax_reserve: Money


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

    @property
    def questions(self) -> tuple[Proposal, ...]:
        """What waits for a person, soonest deadline first."""
        return tuple(ticket.proposal for ticket in self.tickets if not ticket.is_approved)


def picture(
    state: DeskState, now: datetime, quote_of: QuoteOf, cards: tuple[ApprovalCard, ...] = ()
) -> DeskSnapshot:
    """The desk as it stands, with the cards of what waits for an answer.

    A lot whose instrument `quote_of` does not know keeps its mark.
    """
    found: dict[Instrument, Quote | None] = {}

    def quoted(instrument: Instrument) -> Quote | None:
        if instrument not in found:
            quote = quote_of(instrument)
            found[instrument] = quote if quote is not None else state.marks.get(instrument)
        return found[instrument]

    lots = tuple(_held(state, lot, quoted(lot.instrument)) for lot in state.book.all_positions())
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
        sleeves=_sleeves(state, quoted),
        lots=lots,
        orders=tuple(sorted(orders, key=lambda order: (order.written_at, order.id))),
        tickets=_tickets(state),
        underlyings=tuple(quote for quote in quotes if quote is not None),
        cards=cards,
    )


def _held(state: DeskState, lot: Position, quote: Quote | None) -> HeldLot:
    mark = quote.mark if quote is not None else None
    cost = lot.value_at(lot.price_average)
    value = cost if mark is None else lot.value_at(mark)
    level = state.levels.get(lot.id, "")
    return HeldLot(lot, quote, value, value - cost, mark is not None, level)


def _sleeves(state: DeskState, quoted: QuoteOf) -> tuple[SleevePicture, ...]:
    if state.rulebook is None:
        return ()
    values = value_book(state.book, quoted, quoted, fee_per_contract(state))
    pictures = []
    for name in sorted(state.sleeves):
        sleeve, value, pile = state.sleeves[name], values.of(name), state.book.cash[name]
        account = state.book.accounts[name]
        pictures.append(
            SleevePicture(
                account=account,
                state=sleeve.state,
                base=sleeve.base,
                equity=value.equity,
                cash_settled=pile.settled,
                cash_pending=pile.pending,
                collateral=value.collateral,
                cash_free=cash_free(state, name),
                unrealised=value.unrealised,
                high=sleeve.high,
                drawdown=sleeve.drawdown,
                freezes=tuple(dict.fromkeys(_freeze(item) for item in sleeve.freezes)),
                is_calls_only=sleeve.is_calls_only,
                symbols=state.symbols_of(account.kind),
                tax_reserve=sleeve.tax_reserve,
            )
        )
    return tuple(pictures)


def _freeze(freeze: Freeze) -> str:
    return f"{freeze.symbol}: {freeze.reason}" if freeze.symbol else freeze.reason


def _tickets(state: DeskState) -> tuple[OpenTicket, ...]:
    tickets = sorted(
        state.tickets.values(), key=lambda one: (one.proposal.expires_at, one.proposal.id)
    )
    return tuple(
        OpenTicket(ticket.proposal, ticket.is_approved, ticket.quantity_left) for ticket in tickets
    )
