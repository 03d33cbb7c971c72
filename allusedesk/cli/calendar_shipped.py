"""The exchange's calendar without the rest of the desk, which would take longer to load."""

from __future__ import annotations

from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.resource_files import resource_path


def calendar_shipped() -> ExchangeCalendar:
    """The calendar of the New York Stock Exchange in `resources/calendars/`."""
    return calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))
