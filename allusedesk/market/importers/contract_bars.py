"""Daily bars of single option contracts, named by tickers such as O:SPY260401C00655000."""

from __future__ import annotations

import math

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.history import (
    Defect,
    Effect,
    FileRefused,
    Floats,
    RecordedChain,
)
from allusedesk.market.importers.bar_rows import PRICE_MAX, missing_sessions
from allusedesk.market.importers.option_columns import (
    INDEX_OF_ROOT,
    Findings,
    Numbers,
    checked_counts,
    coded,
    column_table_of,
    days_of,
    floats_of,
    places_of,
    repeated,
)
from allusedesk.market.importers.option_snapshots import OCC_SYMBOL
from allusedesk.market.importers.tables import day_of

COLUMNS = {
    "date": ("date",),
    "ticker": ("ticker",),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
}
PREFIX = "O:"
_PRICES = ("open", "high", "low", "close")


def read_contract_bars(
    file: str, text: bytes, calendar: ExchangeCalendar
) -> tuple[tuple[RecordedChain, ...], tuple[Defect, ...]]:
    """Return one chain per underlying and day with last prices and volumes. Raises FileRefused.

    There are no quotes, no open interest and no price of the underlying in such a file.
    """
    table, found = column_table_of(file, text)
    places = places_of(file, table.header, COLUMNS)
    cells = {name: table.columns[place] for name, place in places.items()}
    tickers, names = coded([cell.strip() for cell in cells["ticker"]])
    matches = [OCC_SYMBOL.fullmatch(name.removeprefix(PREFIX)) for name in names]
    expiries = [None if match is None else day_of("20" + match[2]) for match in matches]
    is_named = np.array([expiry is not None for expiry in expiries])[tickers]
    reason = "the ticker is no standard option symbol behind `O:`"
    found.note(~is_named, "ticker", reason, Effect.ROW_REFUSED)
    days = days_of(cells["date"])
    expiry_of = np.array(expiries, dtype="datetime64[D]")[tickers]
    is_kept = is_named & _on_sessions(found, days, is_named, calendar)
    is_over = is_kept & (expiry_of < days)
    found.note(is_over, "date", "the contract had expired before that day", Effect.ROW_REFUSED)
    is_repeat = is_kept & repeated(tickers, days.astype(np.int64))
    found.note(is_repeat, "date", "the day stands in a row before", Effect.ROW_REFUSED)
    prices = np.stack([floats_of(cells[name]) for name in _PRICES], axis=1)
    is_price = ((prices > 0.0) & (prices < PRICE_MAX)).all(axis=1)
    reason = "one of the four prices is missing or not above zero"
    found.note(is_kept & ~is_price, "open, high, low, close", reason, Effect.ROW_REFUSED)
    is_kept &= ~is_over & ~is_repeat & is_price
    found.keep(is_kept)
    volumes = checked_counts(found, "volume", floats_of(cells["volume"])[is_kept])
    prices, days, tickers = prices[is_kept], days[is_kept], tickers[is_kept]
    is_disordered = (prices[:, 1] < prices.max(axis=1)) | (prices[:, 2] > prices.min(axis=1))
    found.note(is_disordered, "high, low", "the four prices are not in order", Effect.NOTED)
    found.defects.extend(missing_sessions(file, np.unique(days), calendar, ()))
    roots = [match[1] if match else "" for match in matches]
    symbols, of_ticker = _underlyings(roots)
    chains = [
        _chain(file, symbol, day, calendar, chosen, (names, tickers, prices[:, 3], volumes))
        for day in np.unique(days)
        for place, symbol in enumerate(symbols)
        if (chosen := np.flatnonzero((days == day) & (of_ticker[tickers] == place))).size
    ]
    return tuple(chains), tuple(found.defects)


def _on_sessions(
    found: Findings, days: np.ndarray, is_asked: np.ndarray, calendar: ExchangeCalendar
) -> np.ndarray:
    is_session = np.isin(days, calendar.session_dates)
    reason = "it is no date, or the exchange was closed on it"
    found.note(is_asked & ~is_session, "date", reason, Effect.ROW_REFUSED)
    return is_session


def _underlyings(roots: list[str]) -> tuple[tuple[str, ...], Numbers]:
    of_root = [INDEX_OF_ROOT.get(root, root.rstrip("0123456789")) for root in roots]
    codes, symbols = coded(of_root)
    return symbols, codes


def _chain(
    file: str,
    symbol: str,
    day: np.datetime64,
    calendar: ExchangeCalendar,
    chosen: Numbers,
    columns: tuple[tuple[str, ...], Numbers, Floats, Floats],
) -> RecordedChain:
    names, tickers, lasts, volumes = columns
    matches = [OCC_SYMBOL.fullmatch(names[code].removeprefix(PREFIX)) for code in tickers[chosen]]
    parts = [match.groups() for match in matches if match is not None]
    if len(parts) != len(chosen):
        raise FileRefused(file, "a ticker of it cannot be read")
    absent = np.full(len(chosen), math.nan)
    is_index = symbol in INDEX_OF_ROOT.values()
    return RecordedChain(
        underlying=symbol,
        taken_at=calendar.session(day.astype(object)).closes_at,
        underlying_price=math.nan,
        expiries=np.array([day_of("20" + part[1]) for part in parts], dtype="datetime64[D]"),
        is_put=np.array([part[2] == "P" for part in parts]),
        strikes=np.array([int(part[3]) / 1_000.0 for part in parts]),
        bids=absent,
        asks=absent,
        lasts=lasts[chosen],
        volumes=volumes[chosen],
        open_interests=absent,
        implied_volatilities=absent,
        has_standard_deliverable=np.array(
            [INDEX_OF_ROOT.get(part[0], part[0]) == symbol for part in parts]
        ),
        origin=file,
        exercise=ExerciseStyle.EUROPEAN if is_index else ExerciseStyle.AMERICAN,
        settlement=Settlement.CASH if is_index else Settlement.PHYSICAL,
        roots=np.array([part[0] for part in parts]) if is_index else None,
    )
