from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from allusedesk.domain.money import Price
from allusedesk.journal.queries.blotters import fills_since, newest_fills, order_details
from allusedesk.journal.read_side import ReadSide
from tests.journal.test_queries import journal_of
from tests.journal.week_entries import ORDER, price, recorded


@pytest.fixture
def side(tmp_path: Path) -> Iterator[ReadSide]:
    with ReadSide.open(journal_of(tmp_path / "week.journal", recorded())) as opened:
        yield opened


def test_fills_come_with_their_order_the_newest_first(side: ReadSide) -> None:
    fills = newest_fills(side, 10)
    assert [fill.sequence for fill in fills] == sorted((f.sequence for f in fills), reverse=True)
    sold = [fill for fill in fills if fill.order_id == ORDER]
    assert {fill.side for fill in sold} == {"sell"}
    assert {fill.mid_at_send for fill in sold} == {price("1.21")}
    assert all(
        fill.slippage == Price(fill.price.per_unit - price("1.21").per_unit) for fill in sold
    )


def test_a_page_ends_where_the_next_begins(side: ReadSide) -> None:
    every = newest_fills(side, 100)
    [first] = newest_fills(side, 1)
    assert first == every[0]
    older = newest_fills(side, 100, first.sequence)
    assert older == tuple(fill for fill in every if fill.sequence < first.sequence)
    assert fills_since(side, 0) == every
    assert fills_since(side, first.sequence) == ()


def test_an_order_is_told_with_its_mid_its_rule_and_why(side: ReadSide) -> None:
    [detail] = order_details(side, [ORDER, "unknown"])
    assert detail.id == ORDER
    assert detail.mid_at_send == price("1.21")
    assert detail.rule == "classic@1.0/entry.delta"
    assert detail.reason
    assert order_details(side, []) == ()
