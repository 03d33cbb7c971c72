"""A desk on a stage: real engine, record, risk and broker, and a market that the test writes."""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from allusedesk.domain.accounts import AccountKind, FamilyId
from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.commands import Watch
from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import (
    Answer,
    CapitalDeposited,
    DeskOpened,
    Input,
    Mode,
    OperatorDecided,
    PriceAlarmRang,
    SymbolList,
)
from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.quotes import (
    ChainWish,
    Greeks,
    Indicators,
    MarketSnapshot,
    OptionChain,
    Quote,
    Underlying,
    Volatility,
)
from allusedesk.engine.clock import ReplayClock
from allusedesk.engine.doors import Doors
from allusedesk.engine.loop import Engine
from allusedesk.engine.reopening import reopened
from allusedesk.engine.state import DeskState
from allusedesk.execution.back_office import BrokerSettings, BrokerWorld
from allusedesk.execution.brokers.simulated import SimulatedBroker
from allusedesk.market.simulated_exchange import Concession, ExchangeSettings
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.market_gates import tick_for
from tests.simulation.invariants import Watcher
from tests.simulation.world import (
    MemoryRecord,
    NoReports,
    Weeks,
    calendar,
    classic_text,
    midnight,
)

NEW_YORK = ZoneInfo("America/New_York")
CENT = Decimal("0.01")
FAMILY = FamilyId("F1")
Kind = TypeVar("Kind")


def at(day: date, clock: str) -> datetime:
    """An instant by New York's clock, such as 10:00 or 15:45:30."""
    hour, minute, *second = (int(part) for part in clock.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, *second, tzinfo=NEW_YORK)
    return local.astimezone(UTC)


@dataclass
class Figures:
    """What the test may say of the market; series not named have these figures."""

    open_interest: int = 5_000
    volume: float = 5_000.0
    half_spread: Decimal = CENT
    volatility: float = 0.35
    age_seconds: float = 0.0
    vix: Decimal = Decimal(15)
    vix_average: Decimal = Decimal(16)
    atr: Decimal | None = Decimal(2)
    has_chain: bool = True
    is_vix_printed: bool = False
    earnings: date | None = None
    ex_dividend: date | None = None
    dividend: Decimal | None = None


class Stage:
    """One family over a few sessions of a real calendar; prices stand until the test moves them.

    The trend is up and support is strong (Green) unless `trend` says otherwise.
    """

    def __init__(
        self,
        first: date,
        spots: dict[str, str],
        symbols: dict[AccountKind, tuple[str, ...]],
        *,
        capital: int = 300_000,
        rulebook: str = "",
        days: int = 12,
        shown_share: Decimal | None = None,
    ) -> None:
        self.text = rulebook or classic_text()
        self.rules = parse_rulebook(self.text)
        self.spots = {symbol: Decimal(spot) for symbol, spot in spots.items()}
        self.figures = Figures()
        self.special: dict[Instrument, dict[str, Any]] = {}
        self.closings: dict[tuple[str, date], Decimal] = {}
        self.listed: tuple[date, ...] = ()
        self.trend_up = True
        self.sessions = calendar().sessions_between(first, first + timedelta(days=days + 21))
        self.clock = ReplayClock(midnight(self.sessions[0].date))
        self.record = MemoryRecord()
        self.refuses: Callable[[Proposal], bool] = lambda _proposal: False
        self.silent: Callable[[Proposal], bool] = lambda _proposal: False
        self.moments: list[tuple[datetime, Callable[[], None]]] = []
        self.symbols = tuple(SymbolList(kind, names) for kind, names in symbols.items())
        self.broker = self._broker(shown_share)
        self.door: Any = self.broker
        self.capital = capital

    # The run.

    def play(self, until: datetime, *extra: Input) -> None:
        """Open the desk where it is not open yet, and run it to an instant."""
        if not hasattr(self, "engine"):
            self.open()
        for event in extra:
            self.engine.inbox.admit(event)
        asyncio.run(self.engine.run(until))

    def open(self) -> None:
        self.engine = self.desk(DeskState())
        first = self.sessions[0].date
        self.engine.inbox.admit(
            DeskOpened(Mode.PAPER, "classic", self.text, self.symbols, "SPX", 1, "a stage")
        )
        amount = Money(Decimal(self.capital))
        self.engine.inbox.admit(CapitalDeposited(FAMILY, amount, first))
        planned = Weeks().week_after(first - timedelta(days=1))
        self.engine.inbox.admit(planned)
        self.broker.transfer_cash(amount)
        self.broker.on_market(self.clock.now(), self.quote)

    def desk(self, state: DeskState) -> Engine:
        doors = Doors(self.clock, self.record, self, self.door, self, Weeks(), NoReports())
        return Engine(doors, state)

    def stop_and_resume(self, *first: Input) -> None:
        """The process dies; another goes on from the record."""
        state, missing = reopened(self.record.entries)
        if missing:
            self.record.append(missing)
        self.engine = self.desk(state)
        for event in first:
            self.engine.inbox.admit(event)

    def when(self, instant: datetime, act: Callable[[], None]) -> None:
        """Change something of the market at an instant of the run."""
        self.moments.append((instant, act))
        self.moments.sort(key=lambda moment: moment[0])

    # What was recorded.

    @property
    def state(self) -> DeskState:
        return self.engine.state

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [entry.event for entry in self.record.entries if isinstance(entry.event, kind)]

    def entries(self, kind: type) -> list[Entry]:
        return [entry for entry in self.record.entries if isinstance(entry.event, kind)]

    def watched(self) -> Watcher:
        """Every invariant of the simulation, over the record so far."""
        watcher = Watcher(is_strict_about_state=False)
        for entry in self.record.entries:
            watcher.take(entry)
        return watcher

    # The operator.

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        if self.silent(proposal):
            return None
        answer = Answer.REJECT if self.refuses(proposal) else Answer.APPROVE
        return OperatorDecided(proposal.id, answer, "tester")

    # The market.

    def next_at(self) -> datetime | None:
        """A minute grid of the sessions' hours, and every moment the test wants."""
        now = self.clock.now()
        grid = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        coming = bisect_right(self.sessions, now, key=lambda session: session.closes_at)
        if coming < len(self.sessions):
            grid = max(grid, self.sessions[coming].opens_at)
        return min([grid, *(instant for instant, _ in self.moments)])

    def pull(self, until: datetime) -> list[PriceAlarmRang]:
        while self.moments and self.moments[0][0] <= until:
            self.moments.pop(0)[1]()
        self.broker.on_market(until, self.quote)
        return self._crossed()

    def arm(self, alarms: Iterable[PriceAlarm]) -> list[PriceAlarmRang]:
        self._armed = {alarm.id: alarm for alarm in alarms}
        return self._crossed()

    def _crossed(self) -> list[PriceAlarmRang]:
        rung = []
        for name, alarm in sorted(getattr(self, "_armed", {}).items()):
            spot = self.spots[alarm.symbol]
            below = alarm.crossing is Crossing.AT_OR_BELOW
            if spot <= alarm.level.per_unit if below else spot >= alarm.level.per_unit:
                rung.append(PriceAlarmRang(alarm, Price(spot)))
                del self._armed[name]
        return rung

    def sample(self, watch: Watch, at: datetime) -> MarketSnapshot:
        while self.moments and self.moments[0][0] <= at:
            self.moments.pop(0)[1]()
        symbols = [*watch.symbols, *(wish.underlying for wish in watch.chains)]
        symbols += [instrument.underlying for instrument in watch.held]
        chains: dict[str, OptionChain] = {}
        for wish in watch.chains if self.figures.has_chain else ():
            made = self._chain(wish, at)
            older = chains.get(wish.underlying)
            if older is not None:
                expiries = tuple(sorted({*older.expiries, *made.expiries}))
                made = replace(made, expiries=expiries, quotes=(*older.quotes, *made.quotes))
            chains[wish.underlying] = made
        held = [self.quote(instrument) for instrument in watch.held]
        return MarketSnapshot(
            taken_at=at,
            underlyings=tuple(self._underlying(symbol) for symbol in dict.fromkeys(symbols)),
            chains=tuple(chains.values()),
            held=tuple(quote for quote in held if quote is not None),
            volatility=self._volatility(at),
            trend=self._trend() if watch.needs_trend else None,
        )

    def quote(self, instrument: Instrument) -> Quote | None:
        """A quote of now: shares at their spot, options by Black and Scholes."""
        now = self.clock.now() - timedelta(seconds=self.figures.age_seconds)
        if isinstance(instrument, Stock):
            spot = self.spots[instrument.symbol]
            return Quote(instrument, Price(spot - CENT), Price(spot + CENT), Price(spot), now)
        special = self.special.get(instrument, {})
        fair, delta = self._fair(instrument)
        mid = special.get("mid", max(Decimal(str(round(fair, 2))), CENT))
        half = special.get("half_spread", self.figures.half_spread)
        bid = mid - half
        return Quote(
            instrument,
            Price(bid) if bid > 0 else None,
            Price(mid + half),
            None,
            now,
            greeks=Greeks(special.get("delta", delta), 0.01, -0.05, 0.1, self.figures.volatility),
            open_interest=special.get("open_interest", self.figures.open_interest),
            volume_average=special.get("volume", self.figures.volume),
        )

    def _fair(self, contract: OptionContract) -> tuple[float, float]:
        spot, strike = float(self.spots[contract.underlying]), float(contract.strike)
        ends = at(contract.expiry, "16:00")
        years = max((ends - self.clock.now()).total_seconds(), 60.0) / (365 * 86_400)
        deviation = self.figures.volatility * math.sqrt(years)
        d1 = (math.log(spot / strike) + deviation**2 / 2) / deviation
        call = spot * _normal(d1) - strike * _normal(d1 - deviation)
        if contract.right is Right.CALL:
            return call, _normal(d1)
        return call - spot + strike, _normal(d1) - 1.0

    def _chain(self, wish: ChainWish, at: datetime) -> OptionChain:
        today = at.astimezone(NEW_YORK).date()
        expiries = []
        for days in range(wish.days_low, wish.days_high + 1):
            day = today + timedelta(days=days)
            if day.weekday() == 4:
                dates = calendar().dates_between(day - timedelta(days=4), day)
                listed = day if dates and dates[-1] == day else dates[-1]
                if today <= listed:
                    expiries.append(listed)
        expiries = [day for day in self.listed if day >= today] or expiries
        spot = self.spots[wish.underlying]
        step = Decimal(1) if spot < 200 else Decimal(5)
        middle = int(spot / step)
        highest = 2.0 if wish.underlying == "VIX" else 1.3
        strikes = [step * number for number in range(int(middle * 0.7), int(middle * highest) + 1)]
        quotes = [
            self.quote(OptionContract(wish.underlying, expiry, right, strike))
            for expiry in expiries
            for right in wish.rights
            for strike in strikes
        ]
        known = tuple(quote for quote in quotes if quote is not None and quote.bid is not None)
        return OptionChain(wish.underlying, tuple(expiries), known, is_modelled=False)

    def _underlying(self, symbol: str) -> Underlying:
        quote = self.quote(Stock(symbol))
        assert quote is not None
        return Underlying(
            symbol,
            quote,
            _indicators(symbol, self.figures.atr),
            earnings_next=self.figures.earnings,
            ex_dividend_next=self.figures.ex_dividend,
            dividend_next=self.figures.dividend,
        )

    def _volatility(self, at: datetime) -> Volatility:
        """A close; or, where the test says so, a print while the exchange is open."""
        is_open = any(item.opens_at <= at <= item.closes_at for item in self.sessions)
        printed = at if self.figures.is_vix_printed and is_open else None
        return Volatility(self.figures.vix, self.figures.vix_average, at.date(), printed)

    def _trend(self) -> Underlying:
        now = self.clock.now()
        quote = Quote(Stock("SPX"), Price(Decimal(1500)), Price(Decimal(1501)), None, now)
        averages = (Decimal(1450), Decimal(1400), Decimal(1350))
        if not self.trend_up:
            averages = (Decimal(1550), Decimal(1600), Decimal(1650))
        figures = replace(
            _indicators("SPX", Decimal(20)),
            average_10=averages[0],
            average_20=averages[1],
            average_50=averages[2],
            low_20=Decimal(1300),
        )
        return Underlying("SPX", quote, figures)

    def _broker(self, shown_share: Decimal | None) -> SimulatedBroker:
        costs = self.rules.costs
        settings = BrokerSettings(
            exchange=ExchangeSettings(
                concession=Concession.MID,
                commission_per_contract=Money(costs.contract),
                commission_per_share=Money(costs.share),
                commission_shares_min=Money(costs.share_order_min),
                quote_age_seconds_max=1e9,
            ),
            shown_share=shown_share,
        )
        world = BrokerWorld(
            sessions=self.sessions,
            is_listed=lambda _instrument: True,
            tick_of=lambda instrument, price: tick_for(instrument, price.per_unit, self.rules),
            closing_price=lambda symbol, day: Price(
                self.closings.get((symbol, day), self.spots[symbol])
            ),
            dividends_on=lambda _day: (),
            splits_on=lambda _day: (),
        )
        return SimulatedBroker(settings, world, np.random.default_rng(5), self.clock.now)


def _normal(value: float) -> float:
    return 0.5 * (1.0 + math.erf(value / math.sqrt(2.0)))


def _indicators(symbol: str, atr: Decimal | None) -> Indicators:
    return Indicators(symbol, 60, None, atr, atr, None, None, None, None, None)
