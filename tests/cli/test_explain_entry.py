from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import verdict_of

Run = Callable[..., Any]
THURSDAY = "--account gen --at 2026-02-12T10:00 --delta 42"
MONDAY = "--account gen --at 2026-02-09T10:00"
TUESDAY = "--account rev --at 2026-02-10T10:00"
DAYS, EARNINGS = "entry.days_to_expiry", "earnings.before_expiry"


@pytest.mark.parametrize(
    ("options", "verdict", "rule"),
    [
        (f"{THURSDAY} --dte 1", "allow", "entry.delta"),
        ("--account gen --at 2026-02-12T09:45 --delta 40 --dte 1", "allow", "entry.delta"),
        ("--account gen --at 2026-02-12T15:30 --delta 50 --dte 1", "allow", "entry.delta"),
        ("--account gen --at 2026-02-12T09:44:59 --delta 42 --dte 1", "refuse", "entry.window"),
        ("--account gen --at 2026-02-12T15:30:01 --delta 42 --dte 1", "refuse", "entry.window"),
        ("--account gen --at 2026-02-11T10:00 --delta 42 --dte 1", "refuse", "entry.day"),
        ("--account gen --at 2026-02-12T10:00 --delta 39.99 --dte 1", "refuse", "entry.delta"),
        ("--account gen --at 2026-02-12T10:00 --delta 50.01 --dte 1", "refuse", "entry.delta"),
        (
            f"{THURSDAY} --dte 2",
            "refuse",
            "entry.days_to_expiry",
        ),
        (
            f"{THURSDAY} --dte 4 --listed 4,8",
            "refuse",
            "expiry.none",
        ),
        (
            f"{THURSDAY} --dte 1 --listed 1,4,8",
            "allow",
            "entry.delta",
        ),
    ],
)
def test_gen_enters_from_both_sides(run: Run, options: str, verdict: str, rule: str) -> None:
    assert verdict_of(run, f"entry {options}") == (verdict, rule)


@pytest.mark.parametrize(
    ("options", "verdict", "rule"),
    [
        (f"{TUESDAY} --delta 30 --dte 2", "allow", "entry.delta"),
        (f"{TUESDAY} --delta 40 --dte 7", "allow", "entry.delta"),
        (
            f"{TUESDAY} --delta 35 --dte 8",
            "refuse",
            "entry.days_to_expiry",
        ),
        (
            f"{TUESDAY} --delta 35 --dte 1",
            "refuse",
            "entry.days_to_expiry",
        ),
        ("--account com --at 2026-02-09T10:00 --delta 20 --dte 4", "allow", "entry.delta"),
        ("--account com --at 2026-02-12T10:00 --delta 25 --dte 4", "refuse", "entry.day"),
    ],
)
def test_rev_and_com_enter_from_both_sides(run: Run, options: str, verdict: str, rule: str) -> None:
    assert verdict_of(run, f"entry {options}") == (verdict, rule)


# Good Friday closes the exchange on 3 April 2026, so Thursday is the week's last session. On
# Thanksgiving Gen's entries move to the Friday, which closes early.
@pytest.mark.parametrize(
    ("options", "verdict", "rule"),
    [
        ("--account gen --at 2026-04-02T10:00 --delta 42 --dte 1", "allow", "entry.delta"),
        ("--account gen --at 2026-11-27T09:45 --delta 42 --dte 1", "allow", "entry.delta"),
        ("--account gen --at 2026-11-27T12:30:01 --delta 42 --dte 1", "refuse", "entry.window"),
    ],
)
def test_holidays_move_days_and_windows(run: Run, options: str, verdict: str, rule: str) -> None:
    assert verdict_of(run, f"entry {options}") == (verdict, rule)


@pytest.mark.parametrize(
    ("options", "verdict", "rule"),
    [
        (
            f"{MONDAY} --delta 35 --dte 4 --condition Red",
            "allow",
            "entry.delta",
        ),
        (
            f"{MONDAY} --delta 45.01 --dte 4 --condition Red",
            "refuse",
            "entry.delta",
        ),
        (
            f"{THURSDAY} --dte 1 --condition Red",
            "refuse",
            "entry.day",
        ),
        (
            "--account gen --at 2026-02-12T10:00 --delta 32 --dte 1 --condition Chop",
            "refuse",
            "entry.day",
        ),
        (
            "--account rev --at 2026-02-11T10:00 --delta 20 --dte 2 --condition Chop",
            "allow",
            "entry.delta",
        ),
    ],
)
def test_conditions_shift_days_and_deltas(run: Run, options: str, verdict: str, rule: str) -> None:
    assert verdict_of(run, f"entry {options}") == (verdict, rule)


@pytest.mark.parametrize(
    ("options", "verdict", "rule"),
    [
        (
            f"{THURSDAY} --dte 1 --earnings 2026-02-13",
            "refuse",
            "earnings.before_expiry",
        ),
        (
            f"{THURSDAY} --dte 1 --earnings 2026-02-14",
            "allow",
            "entry.delta",
        ),
        (f"{THURSDAY} --dte 1 --vix 65", "allow", "entry.delta"),
        (
            f"{THURSDAY} --dte 1 --vix 65.01",
            "refuse",
            "breaker.safe",
        ),
    ],
)
def test_earnings_and_vix_stop_entries(run: Run, options: str, verdict: str, rule: str) -> None:
    assert verdict_of(run, f"entry {options}") == (verdict, rule)


def test_an_instant_with_an_offset_is_read_in_new_york(run: Run) -> None:
    line = "entry --account gen --at 2026-02-12T14:45+00:00 --delta 42 --dte 1"
    assert verdict_of(run, line)[0] == "allow"
