"""The latest quote of each instrument, in columns, and the price alarms that watch it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan, nan
from typing import TYPE_CHECKING, cast

import numpy as np

from allusedesk.domain.alarms import Crossing, PriceAlarm
from allusedesk.domain.instruments import Instrument, Stock
from allusedesk.domain.quotes import Quote
from allusedesk.market.pricing import to_price

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableSequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Chosen = NDArray[np.bool_]

# No share has ever cost a thousandth of this; what lies beyond is as good as infinite.
_PRICE_BEYOND = 1e9
_ROWS_AT_START = 64


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """What changes once a day at most: last night's open interest and the average volume."""

    is_modelled: bool = False
    open_interest: int | None = None
    volume_average: float | None = None
    volume_is_of_day: bool = False


_UNKNOWN_FIGURES = SeriesFigures()


class QuoteBoard:
    """Columns of floats, one row an instrument; the last value posted wins.

    Prices are per share, instants seconds since 1970 UTC. A quote that is crossed, negative, zero
    or not a number is dropped and counted; locked ones stand. Both sides NaN with a last price is
    a print, as an index has. A new quote without a last price keeps the last one.
    Methods belong to one thread.
    """

    def __init__(self) -> None:
        self._instruments: list[Instrument] = []
        self._rows: dict[Instrument, int] = {}
        self._rows_of_shares: dict[str, int] = {}
        self._figures: dict[int, SeriesFigures] = {}
        self._dropped: Counter[str] = Counter()
        self._alarms: dict[str, tuple[int, float, Crossing]] = {}
        self._alarms_of_row: dict[int, list[str]] = {}
        self._take(np.full((4, _ROWS_AT_START), np.nan), np.full((2, _ROWS_AT_START), np.nan))

    def register(self, instrument: Instrument) -> int:
        """Return the instrument's row, a new one where it has none."""
        row = self._rows.get(instrument)
        if row is None:
            row = len(self._instruments)
            self._instruments.append(instrument)
            self._rows[instrument] = row
            if row >= self._columns.shape[1]:
                self._take(_doubled(self._columns), _doubled(self._levels))
        return row

    def row_of_share(self, symbol: str) -> int:
        """Return the row of a share, as `register` does, without making the share anew."""
        row = self._rows_of_shares.get(symbol)
        if row is None:
            row = self._rows_of_shares[symbol] = self.register(Stock(symbol))
        return row

    def describe(self, row: int, figures: SeriesFigures) -> None:
        """Put the day's figures of a series beside its quotes."""
        self._figures[row] = figures

    def post(
        self, rows: Rows, bids: Floats, asks: Floats, lasts: Floats, instants: Floats
    ) -> tuple[str, ...]:
        """Take a batch, arrays of one length; return the alarms it crossed, in order.

        Every quote of the batch is compared with the levels, not only the last of its row.
        Raises IndexError for a row nobody registered.
        """
        if rows.size == 0:
            return ()
        if rows.max() >= len(self._instruments) or rows.min() < 0:
            _refuse_row(int(rows.max()), len(self._instruments))
        is_two_sided = (bids > 0.0) & (bids <= asks) & (asks < _PRICE_BEYOND)
        has_last = (lasts > 0.0) & (lasts < _PRICE_BEYOND)
        columns = self._columns
        if not (is_two_sided.all() and has_last.all()):
            is_print = has_last & np.isnan(bids) & np.isnan(asks)
            is_valid = (is_two_sided & (has_last | np.isnan(lasts))) | is_print
            if not is_valid.all():
                self._count_dropped(bids[~is_valid], asks[~is_valid], lasts[~is_valid])
                rows, bids, asks = rows[is_valid], bids[is_valid], asks[is_valid]
                lasts, instants, has_last = lasts[is_valid], instants[is_valid], has_last[is_valid]
            columns[2][rows[has_last]] = lasts[has_last]
        else:
            columns[2][rows] = lasts
        columns[0][rows] = bids
        columns[1][rows] = asks
        columns[3][rows] = instants
        if not self._alarms:
            return ()
        # Halved before they are added, so that no sum overflows.
        marks = bids * 0.5 + asks * 0.5
        marks = np.where(np.isnan(marks), lasts, marks)
        is_crossed = (marks <= self._levels[0][rows]) | (marks >= self._levels[1][rows])
        if not is_crossed.any():
            return ()
        return self._ring(rows[is_crossed].tolist(), marks[is_crossed].tolist())

    def post_one(
        self, row: int, bid: float, ask: float, last: float, instant: float
    ) -> tuple[str, ...]:
        """Take one quote, as `post` does."""
        if not 0 <= row < len(self._instruments):
            _refuse_row(row, len(self._instruments))
        if 0.0 < bid <= ask < _PRICE_BEYOND and (0.0 < last < _PRICE_BEYOND or isnan(last)):
            mark = bid * 0.5 + ask * 0.5
        elif isnan(bid) and isnan(ask) and 0.0 < last < _PRICE_BEYOND:
            mark = last
        else:
            self._count_dropped(np.array([bid]), np.array([ask]), np.array([last]))
            return ()
        self._bid_cells[row] = bid
        self._ask_cells[row] = ask
        if last > 0.0:
            self._last_cells[row] = last
        self._instant_cells[row] = instant
        if mark <= self._low_cells[row] or mark >= self._high_cells[row]:
            return self._ring([row], [mark])
        return ()

    def arm(self, alarm: PriceAlarm) -> bool:
        """Watch the mid of `alarm.symbol`, or its last price while it has no two sides.

        Returns True where the latest price already stands at or beyond the level: the alarm has
        then rung and is not armed. An alarm armed again under its id takes the new level.
        """
        self.disarm(alarm.id)
        row = self.register(Stock(alarm.symbol))
        level = float(alarm.level.per_unit)
        if _is_crossed(self._mark(row), level, alarm.crossing):
            return True
        self._alarms[alarm.id] = (row, level, alarm.crossing)
        self._alarms_of_row.setdefault(row, []).append(alarm.id)
        self._set_levels(row)
        return False

    def disarm(self, alarm_id: str) -> None:
        """Stop watching for an alarm; one that has rung or never was is no error."""
        armed = self._alarms.pop(alarm_id, None)
        if armed is not None:
            self._alarms_of_row[armed[0]].remove(alarm_id)
            self._set_levels(armed[0])

    def quote(self, row: int) -> Quote | None:
        """Return the row as a quote; None where nothing was posted yet."""
        bid, ask, last, instant = self._columns[:, row].tolist()
        if isnan(instant):
            return None
        figures = self._figures.get(row, _UNKNOWN_FIGURES)
        return Quote(
            instrument=self._instruments[row],
            bid=None if isnan(bid) else to_price(bid),
            ask=None if isnan(ask) else to_price(ask),
            last=None if isnan(last) else to_price(last),
            quoted_at=datetime.fromtimestamp(instant, UTC),
            is_modelled=figures.is_modelled,
            open_interest=figures.open_interest,
            volume_average=figures.volume_average,
            volume_is_of_day=figures.volume_is_of_day,
        )

    def sample(self, watchlist: tuple[Instrument, ...]) -> tuple[Quote, ...]:
        """Return the quotes of the watchlist, in its order, without those never quoted."""
        rows = [self._rows[instrument] for instrument in watchlist if instrument in self._rows]
        found = [self.quote(row) for row in rows]
        return tuple(quote for quote in found if quote is not None)

    @property
    def dropped(self) -> Mapping[str, int]:
        """How many quotes were dropped, by reason, since the start."""
        return dict(sorted(self._dropped.items()))

    def _take(self, columns: Floats, levels: Floats) -> None:
        """Adopt columns (bid, ask, last, instant) and alarm levels (below, above) as the board.

        Single cells are written through memory views, which is three times as fast as NumPy.
        """
        self._columns, self._levels = columns, levels
        self._bid_cells, self._ask_cells, self._last_cells, self._instant_cells = (
            _cells(column) for column in columns
        )
        self._low_cells, self._high_cells = (_cells(column) for column in levels)

    def _mark(self, row: int) -> float:
        middle = self._bid_cells[row] * 0.5 + self._ask_cells[row] * 0.5
        return self._last_cells[row] if isnan(middle) else middle

    def _ring(self, rows: list[int], marks: list[float]) -> tuple[str, ...]:
        rung: list[str] = []
        for row, mark in zip(rows, marks, strict=True):
            for alarm_id in tuple(self._alarms_of_row.get(row, ())):
                _, level, crossing = self._alarms[alarm_id]
                if _is_crossed(mark, level, crossing):
                    self.disarm(alarm_id)
                    rung.append(alarm_id)
        return tuple(rung)

    def _set_levels(self, row: int) -> None:
        """Keep the outermost levels of a row: the first that a price could reach."""
        armed = [self._alarms[alarm_id] for alarm_id in self._alarms_of_row[row]]
        below = [level for _, level, crossing in armed if crossing is Crossing.AT_OR_BELOW]
        above = [level for _, level, crossing in armed if crossing is Crossing.AT_OR_ABOVE]
        self._low_cells[row] = max(below, default=nan)
        self._high_cells[row] = min(above, default=nan)

    def _count_dropped(self, bids: Floats, asks: Floats, lasts: Floats) -> None:
        """Count each dropped quote once, under the first reason that holds."""
        figures = np.stack((bids, asks, np.where(np.isnan(lasts), 1.0, lasts)))
        is_no_number = ~(np.abs(figures) < _PRICE_BEYOND).all(axis=0)
        is_negative = (figures < 0.0).any(axis=0) & ~is_no_number
        is_zero = (figures == 0.0).any(axis=0) & ~is_no_number & ~is_negative
        counts = {
            "not a number": int(is_no_number.sum()),
            "negative": int(is_negative.sum()),
            "zero": int(is_zero.sum()),
            "crossed": int((~(is_no_number | is_negative | is_zero)).sum()),
        }
        self._dropped.update({reason: count for reason, count in counts.items() if count})


def _cells(column: Floats) -> MutableSequence[float]:
    return cast("MutableSequence[float]", column.data)


def _doubled(columns: Floats) -> Floats:
    return np.concatenate((columns, np.full_like(columns, np.nan)), axis=1)


def _is_crossed(mark: float, level: float, crossing: Crossing) -> bool:
    return mark <= level if crossing is Crossing.AT_OR_BELOW else mark >= level


def _refuse_row(row: int, count: int) -> None:
    message = f"Row {row} is not on the board, which has {count} instruments: register it first."
    raise IndexError(message)
