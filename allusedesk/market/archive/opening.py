"""The main door: folders and archives in, one market history out, with each choice told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from allusedesk.market.archive.discovery import Discovery, discover
from allusedesk.market.archive.reading import (
    Asked,
    Pile,
    read_into,
    read_wanted,
    tell_passed_over,
    why_not_read,
)
from allusedesk.market.archive.store import opened
from allusedesk.market.assembly import (
    Assembly,
    assembled,
    dividend_adjusted_origins,
    with_last_close,
)
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import (
    CashDividend,
    Split,
    merged_dividends,
    merged_splits,
)
from allusedesk.market.history import (
    Adjustment,
    AdjustmentBasis,
    DailyBars,
    IndexBars,
    MarketHistory,
    Series,
    SymbolHistory,
)
from allusedesk.market.implied_dividends import dividend_readings
from allusedesk.market.importers.bar_rows import missing_sessions
from allusedesk.market.importers.layouts import (
    Layout,
)
from allusedesk.market.intraday import ShareQuotes, ShareTrades
from allusedesk.market.price_jumps import unexplained_jumps
from allusedesk.market.recorded_chains import (
    bars_of_chains,
    chains_laid_together,
    minutes_laid_together,
    repeated_underlyings,
    with_ranges_of_closes,
)

RATE_NAMES = ("DGS1MO", "DFF", "TREASURY 1month", "TREASURY 3month")
TREND_INDEX = "SPX"
_NEIGHBOURS_MAX = 8


_Intraday = TypeVar("_Intraday", ShareTrades, ShareQuotes)


class HistoryMissing(Exception):
    """The files on offer do not hold what was asked for. The text is one plain sentence."""


def open_history(
    paths: tuple[Path, ...],
    symbols: tuple[str, ...],
    trend_symbol: str,
    *,
    calendar: ExchangeCalendar,
    known_splits: tuple[Split, ...],
    days: tuple[date, date] | None = None,
    if_there: tuple[str, ...] = (),
) -> MarketHistory:
    """Return the history of `symbols` from whatever the importers know below `paths`.

    Symbols that are wanted only `if_there` are left out, and told, where nothing prices them.

    `known_splits` are facts beside those in the files (resources/market_facts/splits.csv).
    Recorded chains and minutes are read where they are of the `days` from first to last, or of
    the week before them; of whatever day without.
    Raises FileRefused for a path that is none, HistoryMissing where a symbol has no usable prices
    or there is no VIX. A damaged file is refused, listed, and the rest goes on.
    """
    if_there = tuple(symbol for symbol in if_there if symbol not in symbols)
    wanted = tuple(dict.fromkeys((*symbols, trend_symbol, *if_there)))
    discovery = discover(paths)
    pile = Pile()
    for archive in discovery.archives:
        pile.add(opened(archive))
    tell_passed_over(discovery, pile)
    asked = Asked((*wanted, TREND_INDEX), (*symbols, *if_there), days)
    read_wanted(discovery, asked, pile, calendar)
    pile.defects.extend(repeated_underlyings(pile.chains))
    _lay_together(asked, pile, calendar)
    splits = merged_splits(
        *(tuple(actions.splits) for actions in pile.actions if actions.symbol in wanted),
        known_splits,
    )
    proven = _proven_total(discovery, wanted, pile, calendar, splits)
    assemblies = {
        symbol: assembled(symbol, tuple(pile.bars.get(symbol, ())), splits, proven)
        for symbol in (*wanted, TREND_INDEX)
    }
    histories: dict[str, SymbolHistory] = {}
    for symbol in (*symbols, *if_there):
        try:
            history = _symbol_history(symbol, assemblies[symbol], splits, pile, calendar)
            histories[symbol] = _with_last_close(
                history, assemblies[symbol].signal_bars, days, pile
            )
        except HistoryMissing as missing:
            if symbol in symbols:
                told = (str(missing), why_not_read(symbol, discovery, pile))
                raise HistoryMissing(" ".join(filter(None, told))) from None
            pile.choices.append(f"{symbol}: no prices were found, so no hedge is bought on it.")
    trend = _trend(trend_symbol, symbols, assemblies, pile.choices)
    if trend_symbol not in symbols:
        pile.choices.extend(assemblies[trend_symbol].choices)
    return MarketHistory(
        symbols=histories,
        trend=trend,
        vix=_volatility(pile),
        rate=_rate(pile),
        chains=tuple(
            sorted(pile.chains, key=lambda chain: (chain.taken_at, chain.underlying, chain.origin))
        ),
        choices=tuple(pile.choices),
        defects=tuple(pile.defects),
        minute_chains=tuple(pile.minute_chains),
        only_hedges=tuple(symbol for symbol in if_there if symbol in histories),
        trend_splits=tuple(split for split in splits if split.symbol == trend.symbol),
    )


def _lay_together(asked: Asked, pile: Pile, calendar: ExchangeCalendar) -> None:
    """Leave in the pile the chains and minutes that can be played, and say which."""
    chains, minutes = pile.chains, pile.minute_chains
    pile.chains, pile.minute_chains = [], []
    for symbol in asked.symbols:
        own = [chain for chain in chains if chain.underlying == symbol and asked.holds(chain)]
        raw = [bars for bars in pile.bars.get(symbol, ()) if bars.adjustment is Adjustment.RAW]
        played, told = chains_laid_together(own, raw[0] if raw else None, calendar)
        pile.chains.extend(played)
        pile.choices.extend(told)
        of_days = [
            each for each in minutes if each.underlying == symbol and asked.holds_day(each.day)
        ]
        by_minute, told = minutes_laid_together(of_days, calendar)
        pile.minute_chains.extend(by_minute)
        pile.choices.extend(told)
        closes = bars_of_chains(symbol, played, tuple(pile.bars.get(symbol, ())))
        if closes is not None:
            pile.bars.setdefault(symbol, []).append(closes)
            pile.choices.append(
                f"{symbol}: the index of {len(closes):,} recorded chains stands for daily bars on "
                "their days; a true range from them knows closes alone."
            )


def _proven_total(
    discovery: Discovery,
    wanted: tuple[str, ...],
    pile: Pile,
    calendar: ExchangeCalendar,
    splits: tuple[Split, ...],
) -> frozenset[str]:
    """Return the origins shown to be dividend-adjusted, by themselves or by their neighbours."""
    proven: set[str] = set()
    for series in pile.bars.values():
        proven |= dividend_adjusted_origins(tuple(series), splits)
    folder_of = {found.name: found.folder for found in discovery.files}
    folders = {folder_of[origin] for origin in proven if origin in folder_of}
    doubtful = {
        folder_of[bars.origin]: None
        for symbol in wanted
        for bars in pile.bars.get(symbol, ())
        if bars.basis is AdjustmentBasis.ASSUMED and bars.origin in folder_of
    }
    for folder in doubtful:
        if folder not in folders and _neighbours_prove(folder, discovery, wanted, calendar, splits):
            folders.add(folder)
    return frozenset(proven | {name for name, folder in folder_of.items() if folder in folders})


def _neighbours_prove(
    folder: str,
    discovery: Discovery,
    wanted: tuple[str, ...],
    calendar: ExchangeCalendar,
    splits: tuple[Split, ...],
) -> bool:
    """Compare a folder's other files with the same symbols elsewhere, until one settles it."""
    daily = [
        found
        for found in discovery.files
        if found.recognised.layout in (Layout.DAILY_BARS, Layout.LEAN_DAILY)
    ]
    neighbours = [
        found
        for found in daily
        if found.folder == folder and found.recognised.symbol not in (None, *wanted)
    ]
    for neighbour in neighbours[:_NEIGHBOURS_MAX]:
        pile = Pile()
        symbol = str(neighbour.recognised.symbol)
        for found in daily:
            if found.recognised.symbol == symbol:
                read_into(found, pile, calendar, (symbol,))
        series = tuple(pile.bars.get(symbol, ()))
        if neighbour.name in dividend_adjusted_origins(series, splits):
            return True
    return False


def _symbol_history(
    symbol: str,
    assembly: Assembly,
    splits: tuple[Split, ...],
    pile: Pile,
    calendar: ExchangeCalendar,
) -> SymbolHistory:
    chained = {chain.underlying for chain in pile.chains}
    has_chain = symbol in chained | {chain.underlying for chain in pile.minute_chains}
    bars, signals = assembly.bars, assembly.signal_bars
    pile.choices.extend(assembly.choices)
    if signals is None:
        raise HistoryMissing(
            f"No daily bars of {symbol} were found, so it cannot be rehearsed: name a folder that "
            f"holds them with --data, or leave {symbol} out."
        )
    if bars is None:
        if not has_chain:
            raise HistoryMissing(
                f"All prices of {symbol} on offer are adjusted for dividends, and options must not "
                "be priced from such: name a folder with raw or splits-only bars with --data."
            )
        bars = replace(signals.bars_before(date.min), adjusted_close=None)
    own = tuple(split for split in splits if split.symbol == symbol)
    if len(bars):
        pile.defects.extend(unexplained_jumps(bars, own))
        _tell_gaps(bars, pile, calendar)
    of_symbol = {day.date: day for day in pile.earnings if day.symbol == symbol}
    earnings = tuple(of_symbol[day] for day in sorted(of_symbol))
    if not earnings:
        pile.choices.append(f"{symbol}: no earnings dates were found, so they count as unknown.")
    return SymbolHistory(
        symbol=symbol,
        bars=bars,
        signal_bars=with_ranges_of_closes(signals),
        segments=assembly.segments,
        splits=own,
        dividends=_dividends(symbol, assembly, own, pile),
        earnings=earnings,
        earnings_known=bool(earnings),
        trades=_by_day([each for each in pile.trades if each.symbol == symbol]),
        quotes=_by_day([each for each in pile.quotes if each.symbol == symbol]),
    )


def _with_last_close(
    history: SymbolHistory, signals: DailyBars | None, days: tuple[date, date] | None, pile: Pile
) -> SymbolHistory:
    """Return a history that ends with the last close that can settle anything of the days."""
    closed = with_last_close(history.bars, signals, days) if signals and days else None
    if closed is None:
        return history
    pile.choices.append(
        f"{closed.symbol} {closed.dates[-1]}: the last close of a dividend-adjusted series is as "
        "traded, for nothing was paid after it; it settles what ends then."
    )
    return replace(history, bars=closed)


def _by_day(recorded: list[_Intraday]) -> tuple[_Intraday, ...]:
    """Return one recording a day, oldest first: minutes rather than seconds."""
    found: dict[date, _Intraday] = {}
    for each in sorted(recorded, key=lambda each: (each.day, -each.bar_seconds, each.origin)):
        found.setdefault(each.day, each)
    return tuple(found.values())


def _tell_gaps(bars: DailyBars, pile: Pile, calendar: ExchangeCalendar) -> None:
    """Say which sessions the joined bars still lack, and which ticker hid them if that is known."""
    for gap in missing_sessions(bars.origin, bars.dates, calendar, ()):
        sentence = f"{bars.symbol} has no daily price on some days: {gap.reason}"
        aliases = sorted(
            {
                ticker
                for history in pile.tickers
                if history.symbol == bars.symbol
                for _, ticker in history.tickers
            }
            - {bars.symbol}
        )
        if aliases:
            sentence += f" (it also traded as {', '.join(aliases)})"
        pile.choices.append(
            f"{sentence}. It is traded then where its chain was recorded alone, and what ends then "
            "is settled at its next close."
        )


def _dividends(
    symbol: str, assembly: Assembly, splits: tuple[Split, ...], pile: Pile
) -> tuple[CashDividend, ...]:
    recorded = [actions for actions in pile.actions if actions.symbol == symbol]
    known_to = max((actions.known_to for actions in recorded), default=date.min)
    readings = dividend_readings(
        symbol, assembly.judged, assembly.bars, assembly.total_adjusted, splits
    )
    used = [reading for reading in readings if reading.last > known_to]
    sources = [f"{actions.origin} (to {actions.known_to})" for actions in recorded]
    sources += [
        f"{reading.origin} (implied, {max(reading.first, known_to)} to {reading.last})"
        for reading in used
    ]
    if sources:
        pile.choices.append(f"{symbol} dividends: {', '.join(sources)}; none are known outside.")
    else:
        pile.choices.append(f"{symbol}: no dividends are known, so none are paid.")
    return merged_dividends(
        *(actions.dividends for actions in recorded),
        *(
            tuple(dividend for dividend in reading.dividends if dividend.ex_date > known_to)
            for reading in used
        ),
    )


def _trend(
    trend_symbol: str,
    symbols: tuple[str, ...],
    assemblies: dict[str, Assembly],
    choices: list[str],
) -> DailyBars:
    asked = assemblies[trend_symbol].signal_bars
    if asked is not None:
        return asked
    index = assemblies[TREND_INDEX].signal_bars
    if index is not None:
        choices.append(
            f"Trend: no bars of {trend_symbol} were found, so the S&P 500 index of {index.origin} "
            "stands for it."
        )
        return index
    for symbol in symbols:
        stand_in = assemblies[symbol].signal_bars
        if stand_in is not None:
            choices.append(
                f"Trend: neither {trend_symbol} nor the S&P 500 was found, so {symbol} itself "
                "stands for the market; read the conditions with that in mind."
            )
            return stand_in
    raise HistoryMissing(f"No daily bars of {trend_symbol} were found to judge the trend by.")


def _volatility(pile: Pile) -> IndexBars:
    if not pile.volatility:
        raise HistoryMissing(
            "No VIX was found, and every rehearsal needs it: name the folder that holds it with "
            "--data (the sample market has one)."
        )
    best = max(pile.volatility, key=lambda levels: len(levels.dates))
    pile.choices.append(f"VIX: {best.origin}, {best.dates[0]} to {best.dates[-1]}.")
    pile.choices.extend(
        f"{other.origin} is not needed for VIX: {best.origin} is longer."
        for other in pile.volatility
        if other is not best
    )
    return best


def _rate(pile: Pile) -> Series | None:
    for name in RATE_NAMES:
        offered = [series for series in pile.series if series.name == name]
        if offered:
            best = max(offered, key=lambda series: len(series.dates))
            pile.choices.append(
                f"Interest: {best.name} of {best.origin}, {best.dates[0]} to {best.dates[-1]}."
            )
            return best
    pile.choices.append("Interest: no rate series was found, so the rate is zero.")
    return None
