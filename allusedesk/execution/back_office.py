"""The back office of the simulated broker: settlement, deliveries, dividends, splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as wall_clock
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from allusedesk.domain.changing import replace
from allusedesk.domain.instruments import (
    STANDARD_MULTIPLIER,
    Instrument,
    OptionContract,
    Right,
    Stock,
)
from allusedesk.domain.money import NOTHING, Money, Price
from allusedesk.domain.orders import (
    BrokerNotice,
    DividendPaid,
    Fill,
    OptionsAssigned,
    OptionsExercised,
    OptionsExpired,
    OptionsSettled,
    Order,
    SplitTookEffect,
    StrikesReduced,
)
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import Session
from allusedesk.execution import clearing
from allusedesk.execution.clearing import Custody, Ending, NightlyEnding
from allusedesk.execution.early_exercise import Evening, reason_to_exercise
from allusedesk.market.simulated_exchange import ExchangeSettings
from allusedesk.portfolio.splits import SPECIAL_DIVIDEND_MIN

if TYPE_CHECKING:
    import numpy as np

QuoteOf = Callable[[Instrument], Quote | None]
_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = wall_clock(16)


def _no_interest(_at: datetime) -> float:
    return 0.0


def _no_volatility(_contract: OptionContract, _at: datetime) -> float | None:
    return None


def _none_special(_day: date) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """How the broker behaves. Latencies are there and back, in milliseconds, drawn evenly.

    `shown_share` is the part of a series' average daily volume that stands on each side of its
    quote (at least one contract); None shows no size. Where exercise before expiry pays, each
    short contract meets a holder who exercises that night with `early_call_share` or
    `early_put_share`; the others leave money on the table, as part of the public does.
    """

    exchange: ExchangeSettings
    latency_ms_min: int = 20
    latency_ms_max: int = 60
    shown_share: Decimal | None = None
    delivery_fee_per_contract: Money = NOTHING
    early_call_share: float = 0.9
    early_put_share: float = 0.25
    sessions_remembered: int = 5


@dataclass(frozen=True, slots=True)
class BrokerWorld:
    """What the broker must know of the market, handed in by the wiring.

    `dividends_on` gives (symbol, dollars per share) by ex-date and `splits_on` (symbol, new shares
    per old) by the day they take effect; `closing_price` is unadjusted. `special_dividends_on`
    names the symbols whose dividend of that ex-date changes the terms of their options; `rate_at`
    is a decimal a year and `volatility_of` that of a modelled series, None for a recorded one.
    """

    sessions: tuple[Session, ...]
    is_listed: Callable[[Instrument], bool]
    tick_of: Callable[[Instrument, Price], Decimal]
    closing_price: Callable[[str, date], Price | None]
    dividends_on: Callable[[date], tuple[tuple[str, Decimal], ...]]
    splits_on: Callable[[date], tuple[tuple[str, Decimal], ...]]
    special_dividends_on: Callable[[date], tuple[str, ...]] = _none_special
    rate_at: Callable[[datetime], float] = _no_interest
    volatility_of: Callable[[OptionContract, datetime], float | None] = _no_volatility


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
        self._ordinary: dict[date, tuple[tuple[str, Decimal], ...]] = {}

    @property
    def is_busy(self) -> bool:
        """True while a coming morning, open or close may have something to do."""
        return bool(self.custody.held or self._endings or self.custody.cash.pending)

    def execute(self, session: int, order: Order, fills: Sequence[Fill]) -> None:
        """Book executions of a session."""
        today, settles_on = self._dates(session)
        self.custody = clearing.executed(self.custody, order, fills, today, settles_on)

    def morning(self, session: int) -> list[BrokerNotice]:
        """Settlement, then the notices of the night, then splits that take effect today."""
        today, settles_on = self._dates(session)
        self.custody = replace(self.custody, cash=self.custody.cash.settled_through(today))
        fee = self._settings.delivery_fee_per_contract
        reports: list[BrokerNotice] = []
        for ending in self._endings:
            self.custody = clearing.settled_night(self.custody, ending, today, settles_on, fee)
            reports.append(_notice_of(ending, self._notice_id(today)))
        self._endings = []
        for symbol, ratio in self._world.splits_on(today):
            reports.extend(self._split(symbol, ratio, session))
        for symbol, per_share in self._specials_on(today):
            after = clearing.with_strikes_reduced(self.custody, symbol, per_share)
            if after != self.custody:
                self.custody = after
                notice = self._notice_id(today)
                reports.append(StrikesReduced(notice, symbol, today, per_share))
        return reports

    def _split(self, symbol: str, ratio: Decimal, session: int) -> list[BrokerNotice]:
        if all(instrument.underlying != symbol for instrument in self.custody.held):
            return []
        sessions = self._world.sessions
        last = self._world.closing_price(symbol, sessions[session - 1].date) if session else None
        lieu = Price(Decimal(0)) if last is None else Price(last.per_unit / ratio, last.currency)
        today = sessions[session].date
        self.custody = clearing.split(self.custody, symbol, ratio, lieu, today)
        return [SplitTookEffect(self._notice_id(today), symbol, today, ratio, lieu)]

    def opened(self, session: int) -> list[BrokerNotice]:
        """Dividends of today's ex-date, on shares held since the close before."""
        today = self._world.sessions[session].date
        reports: list[BrokerNotice] = []
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

        A contract without a closing price is decided at the next close that has one, and the
        notice says so.
        """
        sessions = self._world.sessions
        today = sessions[session].date
        tomorrow = sessions[session + 1].date if session + 1 < len(sessions) else None
        for contract, signed in self.custody.options():
            closing = self._world.closing_price(contract.priced_by, today)
            if closing is None:
                continue
            is_last = tomorrow is not None and contract.expiry < tomorrow
            if is_last or contract.expiry <= today:
                ending = clearing.ending_at_expiry(self.custody, contract, closing)
                before = (s.date for s in sessions if s.date <= contract.expiry)
                ended = max(before, default=contract.expiry)
                self._endings.append(replace(ending, reason=_late(contract, ended, today)))
            elif signed < 0 and tomorrow is not None:
                self._exercise_early(contract, -signed, closing, session, quote_of)

    def _exercise_early(
        self,
        contract: OptionContract,
        quantity: int,
        closing: Price,
        session: int,
        quote_of: QuoteOf,
    ) -> None:
        """Let part of the holders exercise tonight where that beats waiting."""
        if contract.is_european or not clearing.intrinsic_value(contract, closing).per_unit:
            return
        today, tomorrow = self._world.sessions[session : session + 2]
        is_call = contract.right is Right.CALL
        if is_call and not self._is_ex(contract.underlying, tomorrow.date):
            return
        quote, at = quote_of(contract), today.closes_at
        if quote is None:
            return
        evening = Evening(
            at,
            tomorrow.closes_at,
            closing,
            self._world.rate_at(at),
            self._dividends(contract, session),
            self._world.volatility_of(contract, at),
        )
        reason = reason_to_exercise(contract, quote, self._ends_at(contract), evening)
        if not reason:
            return
        share = self._settings.early_call_share if is_call else self._settings.early_put_share
        taken = int((self._rng.random(quantity) < share).sum())
        if taken:
            self._endings.append(clearing.ending_early(contract, taken, closing, reason))

    def _is_ex(self, symbol: str, day: date) -> bool:
        return any(name == symbol for name, _ in self._ordinary_on(day))

    def _dividends(
        self, contract: OptionContract, session: int
    ) -> tuple[tuple[date, Decimal], ...]:
        """Ordinary dividends of the contract's life, as far as the world's sessions reach."""
        found: list[tuple[date, Decimal]] = []
        for later in self._world.sessions[session + 1 :]:
            if later.date > contract.expiry:
                break
            found += [
                (later.date, per_share)
                for symbol, per_share in self._ordinary_on(later.date)
                if symbol == contract.underlying
            ]
        return tuple(found)

    def _ordinary_on(self, day: date) -> tuple[tuple[str, Decimal], ...]:
        """Dividends that leave the terms of options as they are; remembered, as often asked."""
        known = self._ordinary.get(day)
        if known is None:
            special = dict(self._specials_on(day))
            paid = self._world.dividends_on(day)
            known = tuple((symbol, each) for symbol, each in paid if symbol not in special)
            self._ordinary[day] = known
        return known

    def _specials_on(self, day: date) -> tuple[tuple[str, Decimal], ...]:
        special = self._world.special_dividends_on(day)
        if not special:
            return ()
        return tuple(
            (symbol, per_share)
            for symbol, per_share in self._world.dividends_on(day)
            if symbol in special and per_share * STANDARD_MULTIPLIER >= SPECIAL_DIVIDEND_MIN
        )

    def _ends_at(self, contract: OptionContract) -> datetime:
        """The close of the last session up to the expiry; beyond those known, at 16:00."""
        sessions = self._world.sessions
        if sessions[-1].date < contract.expiry:
            return datetime.combine(contract.expiry, _CLOSE, _NEW_YORK)
        return next(s.closes_at for s in reversed(sessions) if s.date <= contract.expiry)

    def _dates(self, session: int) -> tuple[date, date]:
        """A session's date, and that of the next one, when its trades settle (T+1)."""
        sessions = self._world.sessions
        return sessions[session].date, sessions[min(session + 1, len(sessions) - 1)].date

    def _notice_id(self, today: date) -> str:
        self._notices += 1
        return f"{today}/N{self._notices}"


def _late(contract: OptionContract, ended: date, today: date) -> str:
    """Why a contract was decided by another close than that of its last session."""
    if today <= ended:
        return ""
    return f"no close of {contract.priced_by} on {ended} is known; that of {today} stands for it"


def _notice_of(ending: NightlyEnding, notice: str) -> BrokerNotice:
    quantity = abs(ending.quantity_signed)
    if ending.ending is Ending.ASSIGNED:
        return OptionsAssigned(notice, ending.contract, quantity, ending.reason)
    if ending.ending is Ending.SETTLED:
        signed, paid = ending.quantity_signed, ending.per_share
        return OptionsSettled(notice, ending.contract, signed, paid, ending.reason)
    if ending.ending is Ending.EXERCISED:
        return OptionsExercised(notice, ending.contract, quantity, ending.reason)
    return OptionsExpired(notice, ending.contract, ending.quantity_signed, ending.reason)
