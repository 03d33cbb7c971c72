"""Fills: read from the journal in pages, the new ones as they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from allusedesk.desk.docks import fills
from allusedesk.desk.docks.fills import FillsDock, named, slippage_money
from allusedesk.domain.money import Money, Price
from allusedesk.journal.queries.blotters import FillLine
from tests.acceptance.desks import MONDAY
from tests.acceptance.stage import at
from tests.desk.conftest import WAIT, OpenDesk, latest


def line(number: int, legs: str = "sell AAPL 2013-02-01 99 put", **changes: object) -> FillLine:
    made = FillLine(
        number,
        f"fill {number}",
        "order",
        "F1.rev",
        0,
        "AAPL 2013-02-01 99 put",
        7,
        Price(Decimal("1.05")),
        Money(Decimal("4.55")),
        at(MONDAY, "10:00") + timedelta(minutes=number),
        legs,
        "entry",
        Price(Decimal("1.06")),
    )
    return replace(made, **changes)


def test_slippage_of_one_leg_is_its_price_against_mid() -> None:
    assert slippage_money(line(1)) == Decimal("-0.01") * 700
    bought = line(2, "buy AAPL 2013-02-01 99 put to close", mid_at_send=Price(Decimal("-1.06")))
    assert bought.side == "buy"
    assert slippage_money(bought) == Decimal("0.01") * 700


def test_a_leg_of_a_roll_has_no_slippage_of_its_own() -> None:
    two = line(1, "buy AAPL 2013-02-01 99 put to close, sell AAPL 2013-02-08 95 put", leg=1)
    assert two.side == "sell"
    assert slippage_money(two) is None


def test_instruments_are_spelled_as_everywhere() -> None:
    assert named("AAPL 2013-02-01 99 put") == "AAPL 1 Feb 13 99 P"
    assert named("AAPL") == "AAPL"


@pytest.fixture
def dock(open_desk: OpenDesk, qtbot: QtBot) -> FillsDock:
    session = open_desk("--speed", "max", "--approve", "all", "--to", "2012-01-20")
    qtbot.waitUntil(
        lambda: sum(len(order.fills) for order in latest(session).orders) > 6, timeout=WAIT
    )
    session.context.commands.give("dock.fills")
    found = session.window.docks["fills"]
    assert isinstance(found, FillsDock)
    return found


def test_fills_come_from_the_journal_newest_first(dock: FillsDock, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: dock.model.rowCount() > 6, timeout=WAIT)
    dock.blotter.keep_up()
    times = [one.filled_at for one in dock.model.rows_shown()]
    assert times == sorted(times, reverse=True)
    assert len({one.id for one in dock.model.rows_shown()}) == len(times)
    assert "commission" in dock.blotter.sums.text()


def test_older_fills_are_paged_in(
    dock: FillsDock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: dock.model.rowCount() > 6, timeout=WAIT)
    engine = dock.context.bridge.engine
    assert engine is not None
    engine.steer(lambda clock: clock.stand())
    whole = {one.id for one in dock.model.rows_shown()}
    monkeypatch.setattr(fills, "PAGE", 2)
    other = FillsDock(dock.context)
    qtbot.addWidget(other)
    other.show()
    qtbot.waitUntil(lambda: other.model.rowCount() == 2, timeout=WAIT)
    assert other.older.isVisible()
    for pages in range(2, 40):
        if other.model.rowCount() >= len(whole):
            break
        # A second click before the page is there asks for nothing more.
        other.older.click()
        other.older.click()
        qtbot.waitUntil(lambda pages=pages: other.model.rowCount() >= pages, timeout=WAIT)
        qtbot.wait(20)
    shown = [one.id for one in other.model.rows_shown()]
    assert len(shown) == len(set(shown))
    assert whole <= set(shown)
