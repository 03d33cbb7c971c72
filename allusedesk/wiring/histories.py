"""Histories of prices as every desk, trial and measure opens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from allusedesk.market.archive.opening import HistoryMissing, open_history
from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.corporate_actions import Split, split_facts
from allusedesk.market.history import MarketHistory
from allusedesk.resource_files import resource_path
from allusedesk.wiring.requests import RequestRefused


def history_below(
    paths: Sequence[Path],
    symbols: Sequence[str],
    trend: str,
    calendar: ExchangeCalendar,
    *,
    days: tuple[date, date],
    if_there: Sequence[str] = (),
    advice: str = "",
) -> MarketHistory:
    """As `open_history`, with the splits the desk knows.

    Raises FileRefused for a path that is none, and RequestRefused where prices are missing, with
    `advice` behind it.
    """
    try:
        return open_history(
            tuple(paths),
            tuple(symbols),
            trend,
            calendar=calendar,
            known_splits=splits_known(),
            days=days,
            if_there=tuple(if_there),
        )
    except HistoryMissing as missing:
        raise RequestRefused(f"{missing} {advice}".rstrip()) from missing


def splits_known() -> tuple[Split, ...]:
    """The splits that ship with the desk, beside which files may tell of others."""
    return split_facts(resource_path("market_facts", "splits.csv").read_text(encoding="utf-8"))
