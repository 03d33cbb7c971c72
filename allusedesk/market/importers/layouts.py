"""Which layout a file has, told from its first lines, and the importer that reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import EarningsDate
from allusedesk.market.history import (
    DailyBars,
    Defect,
    FileRefused,
    IndexBars,
    RecordedChain,
    Series,
)
from allusedesk.market.importers import daily_bars, rates
from allusedesk.market.importers.compressed import expanded, expanded_start
from allusedesk.market.importers.daily_bars import (
    NOTHING_DECLARED,
    DeclaredAdjustment,
    read_daily_bars,
    symbol_in_name,
)
from allusedesk.market.importers.earnings import read_earnings
from allusedesk.market.importers.lean_actions import (
    CorporateActions,
    TickerHistory,
    read_factors,
    read_tickers,
)
from allusedesk.market.importers.lean_daily import read_lean_daily
from allusedesk.market.importers.option_snapshots import read_option_snapshot
from allusedesk.market.importers.rates import read_rate, read_treasury_curves
from allusedesk.market.importers.tables import folded
from allusedesk.market.importers.volatility import read_volatility

ImportedValue: TypeAlias = (
    DailyBars | IndexBars | Series | RecordedChain | CorporateActions | TickerHistory | EarningsDate
)
_START_LENGTH = 16_384
_LEAN_DAILY = re.compile(r"\d{8} 00:00(?:,[^,]*){5}")
_FACTORS = re.compile(r"\d{8}(?:,[\d.]+){3}")
_TICKERS = re.compile(r"\d{8},[A-Za-z][A-Za-z0-9. ]*(?:,[A-Za-z]*)?")
_RATE_NAME = re.compile(r"DGS\w+|DFF|DTB\w+|FEDFUNDS|SOFR|EFFR|PCREDIT8|GS\d\w*|TB\d\w*")
_OPTION_TICKER = re.compile(r"(?:^|,)O:[A-Z]")


class Layout(StrEnum):
    """The layouts there is an importer for, by the name shown to a person."""

    DAILY_BARS = "daily bars"
    LEAN_DAILY = "LEAN daily bars"
    VOLATILITY = "VIX"
    RATE = "interest rate"
    TREASURY_CURVES = "treasury curves"
    EARNINGS = "earnings dates"
    FACTORS = "LEAN factor file"
    TICKERS = "LEAN map file"
    OPTION_SNAPSHOT = "option chain snapshot"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A layout, and the symbol if the file's name tells it (None: several, or none)."""

    layout: Layout
    symbol: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file gave: values, and every defect found on the way."""

    layout: Layout
    values: tuple[ImportedValue, ...]
    defects: tuple[Defect, ...]


def recognise(file: str, content: bytes) -> Recognised | None:
    """Return the layout of a file, or None where no importer knows it. Raises FileRefused."""
    start = expanded_start(file, content, _START_LENGTH)
    lines = start.decode("utf-8-sig", errors="replace").splitlines()
    if not lines:
        return None
    first = lines[0].strip()
    symbol = symbol_in_name(file)
    if _LEAN_DAILY.fullmatch(first):
        return Recognised(Layout.LEAN_DAILY, symbol)
    if _FACTORS.fullmatch(first):
        return Recognised(Layout.FACTORS, symbol)
    if _TICKERS.fullmatch(first):
        return Recognised(Layout.TICKERS, symbol)
    cells = [cell.strip() for cell in first.split(",")]
    names = {folded(cell) for cell in cells}
    if names >= {"contractsymbol", "impliedvolatility", "underlyingprice"}:
        return Recognised(Layout.OPTION_SNAPSHOT, symbol)
    if "epsactual" in names:
        return Recognised(Layout.EARNINGS, None)
    if cells[0] == "Time Period" and names & set(rates.CURVE_COLUMNS):
        return Recognised(Layout.TREASURY_CURVES, None)
    second = lines[1] if len(lines) > 1 else ""
    return _recognise_prices(file, cells, names, second, symbol)


def _recognise_prices(
    file: str, cells: list[str], names: set[str], second: str, symbol: str | None
) -> Recognised | None:
    has_range = names >= {"open", "high", "low", "close"}
    named_vix = "vix" in file.rsplit("/", 1)[-1].lower()
    if has_range and "volume" in names:
        if not names & set(daily_bars.COLUMNS["date"]):
            return None
        if _OPTION_TICKER.search(second):
            return None
        several = names & set(daily_bars.COLUMNS["symbol"])
        return Recognised(Layout.DAILY_BARS, None if several else symbol)
    if len(cells) == 2 and names & {"vix", "vixcls", "vixclose"}:
        return Recognised(Layout.VOLATILITY, "VIX")
    if named_vix and (has_range or {"vixopen", "vixclose"} <= names):
        return Recognised(Layout.VOLATILITY, "VIX")
    is_rate = len(cells) == 2 and folded(cells[0]) in {"date", "observationdate"}
    if is_rate and _RATE_NAME.fullmatch(cells[1]):
        return Recognised(Layout.RATE, cells[1])
    return None


def read_file(
    file: str,
    content: bytes,
    calendar: ExchangeCalendar,
    declared: DeclaredAdjustment = NOTHING_DECLARED,
) -> Imported:
    """Return everything in one file, whichever known layout it has. Raises FileRefused."""
    found = recognise(file, content)
    if found is None:
        raise FileRefused(file, "no importer knows its layout")
    text = expanded(file, content)
    values, defects = _read(found.layout, file, text, calendar, declared)
    return Imported(found.layout, values, defects)


def _read(
    layout: Layout,
    file: str,
    text: bytes,
    calendar: ExchangeCalendar,
    declared: DeclaredAdjustment,
) -> tuple[tuple[ImportedValue, ...], tuple[Defect, ...]]:
    value: ImportedValue
    match layout:
        case Layout.DAILY_BARS:
            return read_daily_bars(file, text, calendar, declared)
        case Layout.EARNINGS:
            return read_earnings(file, text)
        case Layout.TREASURY_CURVES:
            return read_treasury_curves(file, text)
        case Layout.LEAN_DAILY:
            value, defects = read_lean_daily(file, text, calendar)
        case Layout.VOLATILITY:
            value, defects = read_volatility(file, text, calendar)
        case Layout.RATE:
            value, defects = read_rate(file, text)
        case Layout.FACTORS:
            value, defects = read_factors(file, text, calendar)
        case Layout.TICKERS:
            value, defects = read_tickers(file, text)
        case Layout.OPTION_SNAPSHOT:
            value, defects = read_option_snapshot(file, text)
    return (value,), defects
