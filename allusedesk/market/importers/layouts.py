"""Which layout a file has, told from its first lines, and the importer that reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
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
from allusedesk.market.importers.cboe_chains import read_cboe_chains
from allusedesk.market.importers.compressed import expanded, expanded_start, first_member_name
from allusedesk.market.importers.contract_bars import read_contract_bars
from allusedesk.market.importers.daily_bars import (
    NOTHING_DECLARED,
    DeclaredAdjustment,
    read_daily_bars,
    symbol_in_name,
)
from allusedesk.market.importers.earnings import read_earnings
from allusedesk.market.importers.index_closes import index_of_header, read_index_closes
from allusedesk.market.importers.lean_actions import (
    CorporateActions,
    TickerHistory,
    read_factors,
    read_tickers,
)
from allusedesk.market.importers.lean_daily import read_lean_daily
from allusedesk.market.importers.lean_intraday import read_lean_intraday
from allusedesk.market.importers.lean_options import (
    read_lean_option_days,
    read_lean_option_minutes,
)
from allusedesk.market.importers.lean_rows import contract_member, share_member
from allusedesk.market.importers.option_columns import INDEX_OF_ROOT
from allusedesk.market.importers.option_snapshots import read_option_snapshot
from allusedesk.market.importers.rates import read_rate, read_treasury_curves
from allusedesk.market.importers.tables import day_of, folded
from allusedesk.market.importers.universe_chains import read_universe_chain, universe_name
from allusedesk.market.importers.volatility import read_volatility
from allusedesk.market.intraday import MinuteChain, ShareQuotes, ShareTrades

ImportedValue: TypeAlias = (
    DailyBars
    | IndexBars
    | Series
    | RecordedChain
    | MinuteChain
    | ShareTrades
    | ShareQuotes
    | CorporateActions
    | TickerHistory
    | EarningsDate
)
_START_LENGTH = 16_384
_LEAN_DAILY = re.compile(r"\d{8} 00:00(?:,[^,]*){5}")
_FACTORS = re.compile(r"\d{8}(?:,[\d.]+){3}")
_TICKERS = re.compile(r"\d{8},[A-Za-z][A-Za-z0-9. ]*(?:,[A-Za-z]*)?")
_RATE_NAME = re.compile(r"DGS\w+|DFF|DTB\w+|FEDFUNDS|SOFR|EFFR|PCREDIT8|GS\d\w*|TB\d\w*")
_OPTION_TICKER = re.compile(r"(?:^|,)O:([A-Z]+)\d")
_YEAR_IN_NAME = re.compile(r"(?:^|_)((?:19|20)\d\d)_")
_DATE_IN_NAME = re.compile(r"(?:^|_)((?:19|20)\d{6})(?=[_.])")


class Layout(StrEnum):
    """The layouts there is an importer for, by the name shown to a person."""

    DAILY_BARS = "daily bars"
    LEAN_DAILY = "LEAN daily bars"
    INDEX_CLOSES = "closes of an index"
    VOLATILITY = "VIX"
    RATE = "interest rate"
    TREASURY_CURVES = "treasury curves"
    EARNINGS = "earnings dates"
    FACTORS = "LEAN factor file"
    TICKERS = "LEAN map file"
    OPTION_SNAPSHOT = "option chain snapshot"
    CBOE_CHAINS = "end-of-day option table"
    UNIVERSE = "LEAN chain table"
    LEAN_OPTION_DAYS = "LEAN daily options"
    LEAN_OPTION_MINUTES = "LEAN minute options"
    LEAN_INTRADAY = "LEAN intraday bars"
    CONTRACT_BARS = "daily bars of option contracts"


_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

# What is read only where its symbol and its days are asked for: there is much of it.
RECORDED_LAYOUTS = frozenset(
    {
        Layout.OPTION_SNAPSHOT,
        Layout.CBOE_CHAINS,
        Layout.UNIVERSE,
        Layout.LEAN_OPTION_DAYS,
        Layout.LEAN_OPTION_MINUTES,
        Layout.LEAN_INTRADAY,
        Layout.CONTRACT_BARS,
    }
)
_ARCHIVES = frozenset({Layout.LEAN_OPTION_DAYS, Layout.LEAN_OPTION_MINUTES, Layout.LEAN_INTRADAY})


@dataclass(frozen=True, slots=True)
class Recognised:
    """A layout, and the symbol if the file's name tells it (None: several, or none).

    `days` are the first and last day the file can speak of, where its name or start tells that.
    """

    layout: Layout
    symbol: str | None
    days: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file gave: values, and every defect found on the way."""

    layout: Layout
    values: tuple[ImportedValue, ...]
    defects: tuple[Defect, ...]


def recognise(file: str, content: bytes) -> Recognised | None:
    """Return the layout of a file, or None where no importer knows it. Raises FileRefused."""
    member = first_member_name(file, content)
    named = _recognise_member(file, member) or _recognise_member(file, file.rsplit("/", 1)[-1])
    if named is not None:
        return named
    start = expanded_start(file, content, _START_LENGTH)
    lines = start.decode("utf-8-sig", errors="replace").splitlines()
    if not lines:
        raise FileRefused(file, "it is empty")
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
        return _recognise_snapshot(cells, lines[1] if len(lines) > 1 else "", symbol)
    if names >= {"underlying", "underlyinglast", "optionroot", "quotedate"}:
        return _recognise_cboe(file, cells, lines[1] if len(lines) > 1 else "")
    if cells[0].startswith("#") and names >= {"expiry", "strike", "right", "impliedvolatility"}:
        told = universe_name(file)
        if told is None:
            return None
        root, day = told
        return Recognised(Layout.UNIVERSE, INDEX_OF_ROOT.get(root, root), (day, day))
    if "epsactual" in names:
        return Recognised(Layout.EARNINGS, None)
    if cells[0] == "Time Period" and names & set(rates.CURVE_COLUMNS):
        return Recognised(Layout.TREASURY_CURVES, None)
    second = lines[1] if len(lines) > 1 else ""
    found = _recognise_prices(file, cells, names, second, symbol)
    if found is None:
        _refuse_near_bars(file, first)
    return found


def _recognise_member(file: str, name: str) -> Recognised | None:
    """Recognise LEAN's archives of numbers, whose names alone say what they are about."""
    share = share_member(name)
    if share is not None:
        return Recognised(Layout.LEAN_INTRADAY, share.symbol, (share.day, share.day))
    contract = contract_member(name)
    if contract is None:
        return None
    symbol = INDEX_OF_ROOT.get(contract.symbol, contract.symbol)
    if contract.day is not None:
        days = (contract.day, contract.day)
        return Recognised(Layout.LEAN_OPTION_MINUTES, symbol, days)
    year = _YEAR_IN_NAME.search(file.rsplit("/", 1)[-1])
    span = None if year is None else (date(int(year[1]), 1, 1), date(int(year[1]), 12, 31))
    return Recognised(Layout.LEAN_OPTION_DAYS, symbol, span)


def _recognise_snapshot(cells: list[str], second: str, symbol: str | None) -> Recognised:
    """Recognise a snapshot, which was not taken before the first trade it tells of."""
    named = dict(zip(map(folded, cells), second.split(","), strict=False))
    traded_on = day_of(named.get("lasttradedate", ""))
    # The trade's day is that of Greenwich; in New York it may still be the day before.
    days = None if traded_on is None else (traded_on - timedelta(days=1), date.max)
    return Recognised(Layout.OPTION_SNAPSHOT, symbol, days)


def _recognise_cboe(file: str, cells: list[str], second: str) -> Recognised:
    place = [folded(cell) for cell in cells].index("underlying")
    parts = second.split(",")
    symbol = parts[place].strip() if len(parts) > place else None
    dated = _DATE_IN_NAME.search(file.rsplit("/", 1)[-1])
    day = None if dated is None else day_of(dated[1])
    return Recognised(Layout.CBOE_CHAINS, symbol, None if day is None else (day, day))


def _recognise_prices(
    file: str, cells: list[str], names: set[str], second: str, symbol: str | None
) -> Recognised | None:
    has_range = names >= {"open", "high", "low", "close"}
    named_vix = "vix" in file.rsplit("/", 1)[-1].lower()
    if has_range and "volume" in names:
        if not names & set(daily_bars.COLUMNS["date"]):
            return None
        contract = _OPTION_TICKER.search(second)
        if contract is not None:
            return Recognised(Layout.CONTRACT_BARS, contract[1])
        several = names & set(daily_bars.COLUMNS["symbol"])
        return Recognised(Layout.DAILY_BARS, None if several else symbol)
    if len(cells) == 2 and names & {"vix", "vixcls", "vixclose"}:
        return Recognised(Layout.VOLATILITY, "VIX")
    if named_vix and (has_range or {"vixopen", "vixclose"} <= names):
        return Recognised(Layout.VOLATILITY, "VIX")
    index = index_of_header(cells)
    if index is not None:
        return Recognised(Layout.INDEX_CLOSES, index)
    is_rate = len(cells) == 2 and folded(cells[0]) in {"date", "observationdate"}
    if is_rate and _RATE_NAME.fullmatch(cells[1]):
        return Recognised(Layout.RATE, cells[1])
    return None


def _refuse_near_bars(file: str, header: str) -> None:
    """Raise FileRefused where a header is nearly one of daily bars, with what it lacks."""
    marks = max(_MARKS, key=header.count)
    names = {folded(cell) for cell in header.split(marks)}
    if not (names & set(daily_bars.COLUMNS["date"]) and names & set(daily_bars.COLUMNS["close"])):
        return
    if marks != ",":
        reason = f"its cells are parted by {_MARKS[marks]}, not by commas; save it with commas"
        raise FileRefused(file, f"{reason}, and with points in its numbers", 1)
    absent = [name for name in daily_bars.REQUIRED if not names & set(daily_bars.COLUMNS[name])]
    if absent:
        raise FileRefused(file, f"it has no column for {', '.join(absent)}", 1)


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
    values: tuple[ImportedValue, ...]
    if found.layout in _ARCHIVES:
        values, defects = _read_archive(found.layout, file, content, calendar)
    else:
        values, defects = _read(found.layout, file, expanded(file, content), calendar, declared)
    return Imported(found.layout, values, defects)


def _read_archive(
    layout: Layout, file: str, content: bytes, calendar: ExchangeCalendar
) -> tuple[tuple[ImportedValue, ...], tuple[Defect, ...]]:
    if layout is Layout.LEAN_OPTION_DAYS:
        return read_lean_option_days(file, content, calendar)
    value: ImportedValue
    if layout is Layout.LEAN_OPTION_MINUTES:
        value, defects = read_lean_option_minutes(file, content, calendar)
    else:
        value, defects = read_lean_intraday(file, content, calendar)
    return (value,), defects


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
        case Layout.CBOE_CHAINS:
            return read_cboe_chains(file, text, calendar)
        case Layout.CONTRACT_BARS:
            return read_contract_bars(file, text, calendar)
        case Layout.LEAN_DAILY:
            value, defects = read_lean_daily(file, text, calendar)
        case Layout.INDEX_CLOSES:
            value, defects = read_index_closes(file, text, calendar)
        case Layout.VOLATILITY:
            value, defects = read_volatility(file, text, calendar)
        case Layout.RATE:
            value, defects = read_rate(file, text)
        case Layout.FACTORS:
            value, defects = read_factors(file, text, calendar)
        case Layout.TICKERS:
            value, defects = read_tickers(file, text)
        case Layout.UNIVERSE:
            value, defects = read_universe_chain(file, text, calendar)
        case _:
            value, defects = read_option_snapshot(file, text)
    return (value,), defects
