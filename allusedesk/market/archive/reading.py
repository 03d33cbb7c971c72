"""Reads what is asked for out of the files found, into one pile of values by kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from allusedesk.market.archive.discovery import Discovery, FoundFile
from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.corporate_actions import EarningsDate
from allusedesk.market.history import (
    DailyBars,
    Defect,
    Effect,
    FileRefused,
    IndexBars,
    RecordedChain,
    Series,
)
from allusedesk.market.importers.daily_bars import symbol_in_name
from allusedesk.market.importers.layouts import (
    RECORDED_LAYOUTS,
    ImportedValue,
    Layout,
    Recognised,
    read_file,
)
from allusedesk.market.importers.lean_actions import CorporateActions, TickerHistory
from allusedesk.market.intraday import MinuteChain, ShareQuotes, ShareTrades

_NAMES_SHOWN = 3
# A chain stands for a week at most, so one of the week before may still be played.
_DAYS_BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a history is opened for.

    `wanted` are the symbols of which bars are read, `symbols` those of which chains and minutes
    are, within `days` and the week before (None: of any day).
    """

    wanted: tuple[str, ...]
    symbols: tuple[str, ...]
    days: tuple[date, date] | None

    def may_hold(self, found: Recognised) -> bool:
        """Tell whether a file of this layout, symbol and days may hold something asked for."""
        if found.layout in RECORDED_LAYOUTS:
            if found.symbol is not None and found.symbol not in self.symbols:
                return False
            return found.days is None or self._overlaps(*found.days)
        about_market = found.layout in (Layout.VOLATILITY, Layout.RATE)
        return found.symbol is None or about_market or found.symbol in self.wanted

    def holds(self, chain: RecordedChain) -> bool:
        """Tell whether the chain is of the days asked for."""
        return self.holds_day(chain.taken_at.astimezone(NEW_YORK).date())

    def holds_day(self, day: date) -> bool:
        """Tell whether a day is one of those asked for."""
        return self._overlaps(day, day)

    def _overlaps(self, first: date, last: date) -> bool:
        return self.days is None or (first <= self.days[1] and last >= self.days[0] - _DAYS_BEFORE)


@dataclass(slots=True)
class Pile:
    """Values by kind while the files are read, oldest path first."""

    bars: dict[str, list[DailyBars]] = field(default_factory=dict)
    volatility: list[IndexBars] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    chains: list[RecordedChain] = field(default_factory=list)
    minute_chains: list[MinuteChain] = field(default_factory=list)
    trades: list[ShareTrades] = field(default_factory=list)
    quotes: list[ShareQuotes] = field(default_factory=list)
    actions: list[CorporateActions] = field(default_factory=list)
    tickers: list[TickerHistory] = field(default_factory=list)
    earnings: list[EarningsDate] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    def add(self, values: tuple[ImportedValue, ...]) -> None:
        """Put each value where its kind lies."""
        for value in values:
            match value:
                case DailyBars():
                    self.bars.setdefault(value.symbol, []).append(value)
                case IndexBars():
                    self.volatility.append(value)
                case Series():
                    self.series.append(value)
                case RecordedChain():
                    self.chains.append(value)
                case MinuteChain():
                    self.minute_chains.append(value)
                case ShareTrades():
                    self.trades.append(value)
                case ShareQuotes():
                    self.quotes.append(value)
                case CorporateActions():
                    self.actions.append(value)
                case TickerHistory():
                    self.tickers.append(value)
                case EarningsDate():
                    self.earnings.append(value)


def tell_passed_over(discovery: Discovery, pile: Pile) -> None:
    """Say which files are not used because nobody knows their layout, by reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in discovery.passed_over:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        pile.choices.append(f"Passed over, {reason}: {shown}{more}.")


def why_not_read(symbol: str, discovery: Discovery, pile: Pile) -> str:
    """Return why the file named after a symbol was not read, or nothing where none was refused."""
    refused = [
        (defect.file, defect.reason)
        for defect in pile.defects
        if defect.effect is Effect.FILE_REFUSED
    ]
    for name, reason in (*refused, *discovery.passed_over):
        if symbol in (symbol_in_name(name), name.rsplit("/", 1)[-1].split(".", 1)[0].upper()):
            return f"{name} is not used: {reason}."
    return ""


def read_wanted(discovery: Discovery, asked: Asked, pile: Pile, calendar: ExchangeCalendar) -> None:
    """Read every file that may hold what is asked for."""
    for found in discovery.files:
        if asked.may_hold(found.recognised):
            read_into(found, pile, calendar, asked.wanted)


def read_into(
    found: FoundFile, pile: Pile, calendar: ExchangeCalendar, wanted: tuple[str, ...]
) -> None:
    """Read one file into the pile; a refused one is listed and told."""
    try:
        imported = read_file(found.name, found.content(), calendar, found.declared)
    except FileRefused as refusal:
        pile.defects.append(refusal.defect)
        pile.choices.append(f"{found.name} is not used: {refusal.reason}.")
        return
    pile.add(imported.values)
    of_bars = {value.symbol for value in imported.values if isinstance(value, DailyBars)}
    if not of_bars or of_bars & set(wanted):
        pile.defects.extend(imported.defects)
