"""The back office of the simulated broker: settlement, deliveries, dividends, splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import (
    BrokerReport,
    DividendPaid,
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    Order,
    SplitTookEffect,
)
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import Session
from allusedesk.execution import clearing
from allusedesk.execution.clearing import Custody, Ending, NightlyEnding
from allusedesk.market.simulated_exchange import ExchangeSettings

if TYPE_CHECKING:
    import numpy as np

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """How the broker behaves. Latencies are there and back, in milliseconds, drawn evenly.

    `shown_share` is the part of a series' average daily volume that stands on each side of its
    quote (at least one contract); None shows no size. A short put may be exercised early once it
    is `early_depth_min` of its strike in the money with a time value of at most
    `early_time_value_max` dollars, then with `early_probability` a night.
    """

    exchange: ExchangeSettings
    latency_ms_min: int = 20
    latency_ms_max: int = 60
    shown_share: Decimal | None = None
    delivery_fee_per_contract: Money = NOTHING
    early_depth_min: Decimal = Decimal("0.10")
    early_time_value_max: Decimal = Decimal("0.05")
    early_probability: float = 0.25
    sessions_remembered: int = 5


@dataclass(frozen=True, slots=True)
class BrokerWorld:
    """What the broker must know of the market, handed in by the wiring.

    `dividends_on` gives (symbol, dollars per share) by ex-date and `splits_on` (symbol, new shares
    per old) by the day they take effect; `closing_price` is unadjusted.
    """

    sessions: tuple[Session, ...]
    is_listed: Callable[[Instrument], bool]
    tick_of: Callable[[Instrument, Price], Decimal]
    closing_price: Callable[[str, date], Price | None]
    dividends_on: Callable[[date], tuple[tuple[str, Decimal], ...]]
    splits_on: Callable[[date], tuple[tuple[str, Decimal], ...]]


class BackOffice:
    """One cash account, worked on three times a session by its number in the world's sessions."""

    def __init__(
        self, settings: BrokerSettings, world: BrokerWorld, rng: np.random.Generator
    ) -> None:
        self.custody = Custody()
        self._settings = settings
        self._world = world
        self._rng = rng
        self._endings: list[NightlyEnding] = []
        self._notices = 0

    @property
    def is_busy(self) -> bool:
        """True while a coming morning, open or close may have something to do."""
        return bool(self.custody.held or self._endings or self.custody.cash.pending)

    def execute(self, session: int, order: Order, fills: Sequence[Fill]) -> None:
        """Book executions of a session."""
        today, settles_on = self._dates(session)
        self.custody = clearing.executed(self.custody, order, fills, today, settles_on)

    def morning(self, session: int) -> list[BrokerReport]:
        """Settlement, then the notices of the night, then splits that take effect today."""
        today, settles_on = self._dates(session)
        self.custody = replace(self.custody, cash=self.custody.cash.settled_through(today))
        fee = self._settings.delivery_fee_per_contract
        reports: list[BrokerReport] = []
        for ending in self._endings:
            self.custody = clearing.settled_night(self.custody, ending, today, settles_on, fee)
            reports.append(_notice_of(ending, self._notice_id(today)))
        self._endings = []
        for symbol, ratio in self._world.splits_on(today):
            reports.extend(self._split(symbol, ratio, session))
        return reports

    def _split(self, symbol: str, ratio: Decimal, session: int) -> list[BrokerReport]:
        if all(instrument.underlying != symbol for instrument in self.custody.held):
            return []
        sessions = self._world.sessions
        last = self._world.closing_price(symbol, sessions[session - 1].date) if session else None
        lieu = Price(Decimal(0)) if last is None else Price(last.per_unit / ratio, last.currency)
        today = sessions[session].date
        self.custody = clearing.split(self.custody, symbol, ratio, lieu, today)
        return [SplitTookEffect(self._notice_id(today), symbol, today, ratio, lieu)]

    def opened(self, session: int) -> list[BrokerReport]:
        """Dividends of today's ex-date, on shares held since the close before."""
        today = self._world.sessions[session].date
        reports: list[BrokerReport] = []
        for symbol, per_share in self._world.dividends_on(today):
            shares = self.custody.held.get(Stock(symbol), 0)
            if shares > 0:
                paid = Money(per_share * shares).to_cents()
                self.custody = self.custody.with_cash(paid, today, today)
                notice = self._notice_id(today)
                reports.append(DividendPaid(notice, symbol, today, per_share, shares))
        return reports

    def closed(self, session: int, quote_of: QuoteOf) -> None:
        """Decide which options expire, are exercised by exception or early; told next morning.

        A contract without a closing price is decided at the next close that has one.
        """
        sessions = self._world.sessions
        today = sessions[session].date
        tomorrow = sessions[session + 1].date if session + 1 < len(sessions) else None
        dividends = dict(self._world.dividends_on(tomorrow)) if tomorrow is not None else {}
        for contract, signed in self.custody.options():
            closing = self._world.closing_price(contract.underlying, today)
            if closing is None:
                continue
            is_last = tomorrow is not None and contract.expiry < tomorrow
            if is_last or contract.expiry <= today:
                ending = clearing.ending_at_expiry(self.custody, contract, closing)
                self._endings.append(ending)
            elif signed < 0 and self._is_early(contract, closing, dividends, quote_of):
                self._endings.append(NightlyEnding(contract, signed, Ending.ASSIGNED))

    def _is_early(
        self,
        contract: OptionContract,
        closing: Price,
        dividends: dict[str, Decimal],
        quote_of: QuoteOf,
    ) -> bool:
        quote = quote_of(contract)
        mark = quote.mark if quote is not None else None
        if mark is None:
            return False
        dividend = dividends.get(contract.underlying)
        if dividend is not None and clearing.is_called_for_dividend(
            contract, closing, mark, dividend
        ):
            return True
        depth, value = self._settings.early_depth_min, self._settings.early_time_value_max
        if not clearing.is_put_worth_exercising(contract, closing, mark, depth, value):
            return False
        return float(self._rng.random()) < self._settings.early_probability

    def _dates(self, session: int) -> tuple[date, date]:
        """A session's date, and that of the next one, when its trades settle (T+1)."""
        sessions = self._world.sessions
        return sessions[session].date, sessions[min(session + 1, len(sessions) - 1)].date

    def _notice_id(self, today: date) -> str:
        self._notices += 1
        return f"{today}/N{self._notices}"


def _notice_of(ending: NightlyEnding, notice: str) -> BrokerReport:
    quantity = abs(ending.quantity_signed)
    if ending.ending is Ending.ASSIGNED:
        return OptionsAssigned(notice, ending.contract, quantity)
    if ending.ending is Ending.EXERCISED:
        return OptionsExercised(notice, ending.contract, quantity)
    return OptionsExpired(notice, ending.contract, ending.quantity_signed)
