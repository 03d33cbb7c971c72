"""Prints resources/calendars/xnys.toml anew from its source, exchange_calendars."""

from __future__ import annotations

from typing import Any


def calendar_text(first: str, last: str) -> str:
    """Return resources/calendars/xnys.toml for the days `first` to `last` (ISO dates).

    The source library takes a while to import, so a normal run reads the written file instead.
    """
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=first, end=last)
    closes = calendar.closes.dt.tz_convert("America/New_York")
    opens = calendar.opens.dt.tz_convert("America/New_York")
    if {str(moment.time()) for moment in opens} != {"09:30:00"}:
        raise ValueError("The source has sessions that do not open at 09:30.")
    early = [moment for moment in closes if str(moment.time()) != "16:00:00"]
    return _written(first, last, _closures(calendar, first, last), early)


def _closures(calendar: Any, first: str, last: str) -> list[str]:  # noqa: ANN401 - untyped source.
    import pandas as pd

    weekdays = pd.bdate_range(first, last)
    return [str(day.date()) for day in weekdays.difference(calendar.sessions)]


def _written(first: str, last: str, closures: list[str], early: list[Any]) -> str:
    lines = [
        "# New York Stock Exchange, generated from the XNYS calendar of exchange_calendars.",
        "# Weekdays that are not listed as closures are sessions; hours are New York time.",
        f"first = {first}",
        f"last = {last}",
        "opens = 09:30:00",
        "closes = 16:00:00",
        "closures = [",
    ]
    years = sorted({day[:4] for day in closures})
    lines += [
        "    " + " ".join(f"{day}," for day in closures if day.startswith(year)) for year in years
    ]
    lines += ["]", "", "[early_closes]"]
    lines += [f"{moment.date()} = {moment.time()}" for moment in early]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(calendar_text("1990-01-01", "2031-12-31"), end="")
