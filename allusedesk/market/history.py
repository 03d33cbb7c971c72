"""Market history as plain values: bars, series, recorded chains, and the defects found in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allusedesk.domain.toml_text import shortened
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.corporate_actions import CashDividend, EarningsDate, Split
from allusedesk.market.intraday import MinuteChain, ShareQuotes, ShareTrades

Dates: TypeAlias = NDArray[np.datetime64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.str_]


# A cell of a hostile file may be long; a sentence about it is not.
_LETTERS_MAX = 600


class Adjustment(StrEnum):
    """What was done to the prices of a series after they were traded."""

    RAW = "raw"
    SPLITS = "splits"
    TOTAL = "total"


class AdjustmentBasis(StrEnum):
    """Why a series is believed to carry its adjustment."""

    DECLARED = "declared"
    LAYOUT = "the layout says so"
    COLUMNS = "the column names say so"
    SPLIT_DATES = "its own prices on known split dates say so"
    COMPARISON = "comparison with another series says so"
    ASSUMED = "assumed, nobody declared it"


class Effect(StrEnum):
    """What a defect did to the values that came out of the file."""

    ROW_REFUSED = "row refused"
    VALUE_IGNORED = "value ignored"
    NOTED = "noted"
    FILE_REFUSED = "file refused"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong in a file. `row` counts lines from 1 (0: the file as a whole).

    `count` is the number of rows or sessions the defect stands for (a gap is one defect).
    """

    file: str
    row: int
    field: str
    reason: str
    effect: Effect
    count: int = 1

    def __str__(self) -> str:
        """Return the plain sentence shown to a person."""
        place = f"{self.file}, row {self.row}" if self.row else self.file
        # A cell between quotation marks may run over several lines; a sentence does not.
        return f"{place}: {shortened(self.reason, _LETTERS_MAX)} ({self.effect})"


class FileRefused(Exception):
    """A file from which nothing is taken. The text is one plain sentence with file and row."""

    def __init__(self, file: str, reason: str, row: int = 0) -> None:
        """Name the file, the reason, and the row where there is one (counted from 1)."""
        place = f"{file}, row {row}" if row else file
        sentence = shortened(reason, _LETTERS_MAX)
        super().__init__(f"{place}: {sentence}. Nothing was taken from this file.")
        self.file = file
        self.reason = sentence
        self.row = row

    @property
    def defect(self) -> Defect:
        """The refusal as a defect, for a list of what was found in a folder."""
        return Defect(self.file, self.row, "", self.reason, Effect.FILE_REFUSED)


@dataclass(frozen=True, slots=True)
class DailyBars:
    """Daily bars of one symbol: equal-length columns, dates strictly ascending, USD per share.

    `adjusted_close` is the vendor's dividend-adjusted close, kept to infer dividends; never priced.
    `adjusted_as_of` is the last day whose splits are in the prices (splits-only and total series).
    """

    symbol: str
    dates: Dates
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    adjustment: Adjustment
    basis: AdjustmentBasis
    origin: str
    adjusted_close: Floats | None = None
    adjusted_as_of: date | None = None

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.dates)

    @property
    def adjustment_declared(self) -> bool:
        """False where nobody declared the adjustment and nothing in the file tells it."""
        return self.basis is not AdjustmentBasis.ASSUMED

    def bars_before(self, day: date) -> DailyBars:
        """Return the bars of sessions strictly before `day`: all that is known at its open."""
        return self.chosen(slice(0, int(np.searchsorted(self.dates, np.datetime64(day, "D")))))

    def bars_from(self, day: date) -> DailyBars:
        """Return the bars of `day` and after it."""
        first = int(np.searchsorted(self.dates, np.datetime64(day, "D")))
        return self.chosen(slice(first, len(self.dates)))

    def index_of(self, day: date) -> int | None:
        """Return the row of `day`, or None where there is no bar for it."""
        wanted = np.datetime64(day, "D")
        row = int(np.searchsorted(self.dates, wanted))
        return row if row < len(self.dates) and self.dates[row] == wanted else None

    def chosen(self, rows: slice | Flags) -> DailyBars:
        """Return the bars of a stretch of rows, or of those marked by one flag a session."""
        adjusted = None if self.adjusted_close is None else self.adjusted_close[rows]
        return replace(
            self,
            dates=self.dates[rows],
            open=self.open[rows],
            high=self.high[rows],
            low=self.low[rows],
            close=self.close[rows],
            volume=self.volume[rows],
            adjusted_close=adjusted,
        )


@dataclass(frozen=True, slots=True)
class Series:
    """One observed number per day, such as a rate in percent per year."""

    name: str
    dates: Dates
    values: Floats
    origin: str

    def last_before(self, day: date) -> float | None:
        """Return the last value observed strictly before `day`, or None."""
        row = int(np.searchsorted(self.dates, np.datetime64(day, "D")))
        return float(self.values[row - 1]) if row else None


@dataclass(frozen=True, slots=True)
class IndexBars:
    """Daily levels of an index such as VIX, in index points; no volume and no adjustment."""

    name: str
    dates: Dates
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    origin: str

    def bars_before(self, day: date) -> IndexBars:
        """Return the levels of sessions strictly before `day`."""
        end = int(np.searchsorted(self.dates, np.datetime64(day, "D")))
        return replace(
            self,
            dates=self.dates[:end],
            open=self.open[:end],
            high=self.high[:end],
            low=self.low[:end],
            close=self.close[:end],
        )

    def index_of(self, day: date) -> int | None:
        """Return the row of `day`, or None where there is none."""
        wanted = np.datetime64(day, "D")
        row = int(np.searchsorted(self.dates, wanted))
        return row if row < len(self.dates) and self.dates[row] == wanted else None


@dataclass(frozen=True, slots=True)
class RecordedChain:
    """A listed option chain as a vendor showed it at `taken_at` (aware, UTC).

    One row per contract. Prices in USD per share, the underlying's among them; NaN where the
    vendor gave none. Implied volatilities are decimals and the vendor's own: they are kept for
    comparison only. `roots` are the option roots (SPX, SPXW); None where all are the underlying's.
    Sizes are in contracts; None where none are shown.
    """

    underlying: str
    taken_at: datetime
    underlying_price: float
    expiries: Dates
    is_put: Flags
    strikes: Floats
    bids: Floats
    asks: Floats
    lasts: Floats
    volumes: Floats
    open_interests: Floats
    implied_volatilities: Floats
    has_standard_deliverable: Flags
    origin: str
    exercise: ExerciseStyle = ExerciseStyle.AMERICAN
    settlement: Settlement = Settlement.PHYSICAL
    roots: Texts | None = None
    bid_sizes: Floats | None = None
    ask_sizes: Floats | None = None

    def __len__(self) -> int:
        """Return the number of contracts."""
        return len(self.strikes)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of sessions of one symbol taken from one file."""

    first: date
    last: date
    origin: str
    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class SymbolHistory:
    """One symbol: unadjusted bars for pricing, and the facts that belong to them.

    `signal_bars` may run on past `bars` with dividend-adjusted prices: good enough for an
    average or a true range, never for an option's price. `trades` and `quotes` are the days of
    which more than a bar was recorded, one entry a day each.
    """

    symbol: str
    bars: DailyBars
    signal_bars: DailyBars
    segments: tuple[Segment, ...]
    splits: tuple[Split, ...]
    dividends: tuple[CashDividend, ...]
    earnings: tuple[EarningsDate, ...]
    earnings_known: bool
    trades: tuple[ShareTrades, ...] = ()
    quotes: tuple[ShareQuotes, ...] = ()


@dataclass(frozen=True, slots=True)
class MarketHistory:
    """Everything a rehearsal may look at, with the choices made between the files on offer.

    `trend_splits` are those of the trend's index, which need not be traded. `rate` is a short rate
    in percent per year (None: no rate series was found). `choices` are plain sentences;
    `only_hedges` names symbols that nobody trades. Look anything up through `bars_before`,
    `last_before` and `chains_before`.
    """

    symbols: dict[str, SymbolHistory]
    trend: DailyBars
    vix: IndexBars
    rate: Series | None
    chains: tuple[RecordedChain, ...]
    choices: tuple[str, ...]
    defects: tuple[Defect, ...]
    minute_chains: tuple[MinuteChain, ...] = ()
    only_hedges: tuple[str, ...] = ()
    trend_splits: tuple[Split, ...] = ()

    def chains_before(self, instant: datetime, underlying: str) -> tuple[RecordedChain, ...]:
        """Return the chains of `underlying` taken at or before `instant`, oldest first."""
        return tuple(
            chain
            for chain in self.chains
            if chain.underlying == underlying and chain.taken_at <= instant
        )
