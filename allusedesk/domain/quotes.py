"""What the market showed: quotes, chains, and everything one decision was allowed to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import Price


@dataclass(frozen=True, slots=True)
class Greeks:
    """Sensitivities of one option on one share; volatility is annual, theta per day."""

    delta: float
    gamma: float
    theta: float
    vega: float
    implied_volatility: float

    @property
    def delta_quoted(self) -> float:
        """Delta x 100, unsigned, as the protocol quotes it; 0.29 is 29, exactly on its limit."""
        return round(abs(self.delta) * 100, 6)


@dataclass(frozen=True, slots=True)
class Quote:
    """The latest two sides of one instrument; a bid above its ask is no quote.

    A side that is absent is None. `volume_average` is the five-session average of the series,
    or the day's volume where `volume_is_of_day`.
    """

    instrument: Instrument
    bid: Price | None
    ask: Price | None
    last: Price | None
    quoted_at: datetime
    is_modelled: bool = False
    greeks: Greeks | None = None
    open_interest: int | None = None
    volume_average: float | None = None
    volume_is_of_day: bool = False

    def __post_init__(self) -> None:
        if self.bid is not None and self.ask is not None and self.ask < self.bid:
            message = f"{self.instrument}: the bid {self.bid} is above the ask {self.ask}."
            raise ValueError(message)

    @property
    def mid(self) -> Price | None:
        """Half way between bid and ask, unrounded; None where a side is absent."""
        if self.bid is None or self.ask is None:
            return None
        return Price((self.bid.per_unit + self.ask.per_unit) / 2, self.bid.currency)

    @property
    def mark(self) -> Price | None:
        """The mid where both sides stand, half the ask where nobody bids, else the last trade."""
        if self.ask is not None:
            bid = self.bid.per_unit if self.bid is not None else Decimal(0)
            return Price((bid + self.ask.per_unit) / 2, self.ask.currency)
        return self.last

    @property
    def has_mark(self) -> bool:
        """True where `mark` is not None."""
        return self.ask is not None or self.last is not None

    def age_seconds(self, now: datetime) -> float:
        return (now - self.quoted_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Indicators:
    """Figures over completed daily bars of one symbol; None where history is too short.

    `atr_14`, `atr_5` are Wilder averages of true range; `averages` the 10, 20 and 50-day means of
    the close; `low_20` the lowest low of the 20 sessions before.
    """

    symbol: str
    closes_known: int
    close: Decimal | None
    atr_5: Decimal | None
    atr_14: Decimal | None
    average_10: Decimal | None
    average_20: Decimal | None
    average_50: Decimal | None
    low_20: Decimal | None
    realised_volatility: float | None


@dataclass(frozen=True, slots=True)
class Volatility:
    """VIX as known: the last completed close, or a print of the day, and its one-year average.

    `printed_at` is the instant of a print in regular hours; None where the value is a close.
    """

    vix: Decimal
    average_year: Decimal | None
    as_of: date
    printed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Underlying:
    """One symbol as seen: its quote, its indicators and what is announced for it."""

    symbol: str
    quote: Quote
    indicators: Indicators
    earnings_next: date | None = None
    earnings_estimated: bool = False
    ex_dividend_next: date | None = None
    dividend_next: Decimal | None = None
    is_halted: bool = False
    is_frozen_for_action: bool = False


@dataclass(frozen=True, slots=True)
class ChainWish:
    """Which part of a chain a look needs: rights and days to expiry, both ends included."""

    underlying: str
    rights: tuple[Right, ...]
    days_low: int
    days_high: int


@dataclass(frozen=True, slots=True)
class OptionChain:
    """The listed options of one underlying that a look asked for; `expiries` are all listed."""

    underlying: str
    expiries: tuple[date, ...]
    quotes: tuple[Quote, ...]
    is_modelled: bool

    def of(self, right: Right, expiry: date) -> tuple[Quote, ...]:
        """The quotes of one right and expiry, by strike."""
        return tuple(
            quote
            for quote in self.quotes
            if isinstance(quote.instrument, OptionContract)
            and quote.instrument.right is right
            and quote.instrument.expiry == expiry
        )


@dataclass(frozen=True, slots=True)
class MarketSnapshot:
    """Everything one decision was allowed to see, at one instant, and nothing later."""

    taken_at: datetime
    underlyings: tuple[Underlying, ...] = ()
    chains: tuple[OptionChain, ...] = ()
    held: tuple[Quote, ...] = ()
    volatility: Volatility | None = None
    trend: Underlying | None = None
    rate: float = 0.0
    quotes_dropped: int = 0
    defects: tuple[str, ...] = field(default=())

    def underlying(self, symbol: str) -> Underlying | None:
        for seen in self.underlyings:
            if seen.symbol == symbol:
                return seen
        return None

    def chain(self, symbol: str) -> OptionChain | None:
        for chain in self.chains:
            if chain.underlying == symbol:
                return chain
        return None

    def quote_of(self, instrument: Instrument) -> Quote | None:
        """The quote of a held contract, of a row of a chain, or of an underlying."""
        for quote in self.held:
            if quote.instrument == instrument:
                return quote
        if not isinstance(instrument, OptionContract):
            seen = self.underlying(instrument.symbol)
            return seen.quote if seen else None
        chain = self.chain(instrument.underlying)
        for quote in chain.quotes if chain else ():
            if quote.instrument == instrument:
                return quote
        return None
