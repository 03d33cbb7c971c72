"""LEAN's factor files (splits and dividends) and map files (which ticker a company had when)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import CashDividend, Split
from allusedesk.market.history import Defect, FileRefused
from allusedesk.market.importers.daily_bars import symbol_in_name
from allusedesk.market.importers.tables import day_of, number_of, table_of

_FACTOR_CELLS = 4
_FACTOR_CHANGE_MIN = 1e-9


@dataclass(frozen=True, slots=True)
class CorporateActions:
    """Splits and dividends of one symbol up to `known_to`, the last event of the file."""

    symbol: str
    splits: tuple[Split, ...]
    dividends: tuple[CashDividend, ...]
    known_to: date
    origin: str


@dataclass(frozen=True, slots=True)
class TickerHistory:
    """The tickers a company traded under, each with its last day, oldest first."""

    symbol: str
    tickers: tuple[tuple[date, str], ...]
    origin: str


@dataclass(frozen=True, slots=True)
class _FactorRow:
    last_session: date
    price_factor: float
    split_factor: float
    reference_price: float


def read_factors(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[CorporateActions, tuple[Defect, ...]]:
    """Return the events of one factor file; any bad row refuses it whole (FileRefused).

    A row is the last session before an event. Dividend = reference price x (1 - price factor /
    next price factor) where the split factor stays; split ratio = next split factor / split
    factor. One missing row would falsify all events before it, so nothing is taken in part.
    """
    symbol = symbol_in_name(file)
    if symbol is None:
        raise FileRefused(file, "its name does not say which symbol it is")
    rows = _factor_rows(file, text)
    splits: list[Split] = []
    dividends: list[CashDividend] = []
    for row, later in itertools.pairwise(rows):
        if not calendar.first <= row.last_session < calendar.last:
            continue
        effective = calendar.session_after(row.last_session)
        ratio = later.split_factor / row.split_factor
        price_ratio = row.price_factor / later.price_factor
        if abs(ratio - 1.0) > _FACTOR_CHANGE_MIN:
            splits.append(Split(symbol, effective, _tidy(ratio)))
        elif price_ratio < 1.0 - _FACTOR_CHANGE_MIN:
            amount = round(row.reference_price * (1.0 - price_ratio), 4)
            dividends.append(CashDividend(symbol, effective, amount))
    known_to = rows[-2].last_session if len(rows) > 1 else rows[-1].last_session
    return CorporateActions(symbol, tuple(splits), tuple(dividends), known_to, file), ()


def _tidy(ratio: float) -> float:
    """Undo the rounding of the file's eight digits (3.99999955 for four)."""
    nearest = round(ratio * 60) / 60
    return nearest if abs(ratio - nearest) < 1e-5 else ratio


def _factor_rows(file: str, text: bytes) -> list[_FactorRow]:
    rows: list[_FactorRow] = []
    for number, cells in table_of(file, text, has_header=False).rows:
        day = day_of(cells[0])
        factors = [number_of(cell) for cell in cells[1:]]
        if len(cells) != _FACTOR_CELLS or day is None:
            reason = "a row of a factor file is date, price factor, split factor, reference price"
            raise FileRefused(file, reason, number)
        price, split, reference = factors
        if price is None or split is None or reference is None:
            raise FileRefused(file, "a factor is not a number", number)
        if not 0 < price <= 1e6 or not 1e-9 < split <= 1e6 or reference < 0:
            raise FileRefused(file, "a factor is not above zero", number)
        if rows and day <= rows[-1].last_session:
            raise FileRefused(file, f"{day} does not come after the row before it", number)
        rows.append(_FactorRow(day, price, split, reference))
    return rows


def read_tickers(file: str, text: bytes) -> tuple[TickerHistory, tuple[Defect, ...]]:
    """Return the tickers of one map file, rows `last day,ticker[,exchange]`. Raises FileRefused."""
    symbol = symbol_in_name(file)
    if symbol is None:
        raise FileRefused(file, "its name does not say which symbol it is")
    tickers: list[tuple[date, str]] = []
    for number, cells in table_of(file, text, has_header=False).rows:
        day = day_of(cells[0])
        if day is None or len(cells) not in (2, 3) or not cells[1].strip():
            raise FileRefused(file, "a row of a map file is date, ticker, exchange", number)
        if tickers and day <= tickers[-1][0]:
            raise FileRefused(file, f"{day} does not come after the row before it", number)
        tickers.append((day, cells[1].strip().upper()))
    return TickerHistory(symbol, tuple(tickers), file), ()
