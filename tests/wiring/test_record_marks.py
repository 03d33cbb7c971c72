"""Marks on a desk's record: planted figures are found with their reason, usual ones are not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from allusedesk.wiring import record_marks as module
from allusedesk.wiring.record_marks import record_marks


def test_a_planted_week_and_a_planted_fill_are_marked_with_their_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weeks = [
        SimpleNamespace(account="F1.rev", week=f"2012-W{n:02d}", value=Decimal(n % 7 + 5) / 1000)
        for n in range(1, 41)
    ]
    weeks[30].value = Decimal("-0.20")
    weeks[35].value = Decimal(0)
    fills = [_fill(n, "0.02" if n % 2 else "-0.02") for n in range(30)]
    fills[25] = _fill(25, "-0.90")
    monkeypatch.setattr(module, "weekly_returns", lambda _side: weeks)
    monkeypatch.setattr(module, "fills_since", lambda _side, _since: fills)
    fill, week = record_marks(None)  # type: ignore[arg-type]
    if fill.figure == "weekly return":
        fill, week = week, fill
    assert (week.when, week.subject, week.figure) == ("2012-W31", "F1.rev", "weekly return")
    assert week.reason.startswith("\N{MINUS SIGN}20.00%, usually +0.80%: ")
    assert week.reason.endswith("median deviations below.")
    assert (fill.figure, fill.value) == ("fill against mid", -0.45)


def test_shares_a_cent_and_a_cheap_option_are_nothing_unusual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A share pays a cent where a contract pays 65, and no fill can miss mid by less than one."""
    fills = [_fill(n % 28, "0.02" if n % 2 else "-0.02") for n in range(60)]
    fills[40] = _fill(26, "-0.01", mid="0.03")
    fills[45] = _fill(26, "-0.02", instrument="MSFT", paid="0.005")
    monkeypatch.setattr(module, "weekly_returns", lambda _side: [])
    monkeypatch.setattr(module, "fills_since", lambda _side, _since: fills)
    assert record_marks(None) == ()  # type: ignore[arg-type]
    fills[50] = _fill(27, "-0.02", mid="0.03")
    fills[55] = _fill(27, "-0.02", paid="6.50")
    found = record_marks(None)  # type: ignore[arg-type]
    assert {one.figure for one in found} == {"fill against mid", "commission a contract"}


def _fill(
    number: int, slip: str, mid: str = "2", instrument: str = "AAPL 2012-02-03 400 put",
    paid: str = "0.65",
) -> SimpleNamespace:  # fmt: skip
    return SimpleNamespace(
        slippage=SimpleNamespace(per_unit=Decimal(slip)),
        mid_at_send=SimpleNamespace(per_unit=Decimal(mid)),
        instrument=instrument,
        commission=SimpleNamespace(amount=Decimal(paid)),
        quantity=1,
        filled_at=datetime(2012, 1, number + 1, tzinfo=UTC),
    )
