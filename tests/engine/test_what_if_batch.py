"""A batch is priced as one, says what each line adds, and is priced again without a line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from allusedesk.domain.money import Money, total
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.what_if.batch import price_batch
from tests.acceptance.desks import COM, F1_REV, GEN, MONDAY, REV, stage
from tests.acceptance.stage import Stage, at


def asked() -> tuple[Stage, list[ApprovalCard]]:
    """A sleeve asked about two symbols at once."""
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()})
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "09:46"))
    cards = list(CardRack().cards(desk.state, desk.clock.now(), desk.quote))
    assert len(cards) == 2
    return desk, cards


def test_the_lines_add_up_to_what_they_do_together() -> None:
    desk, cards = asked()
    batch = price_batch(desk.state, cards)
    assert batch.sums.premium == total([card.premium for card in cards])
    assert batch.sums.worst_case == total([card.worst_case for card in cards])
    assert batch.sums.premium == total([line.adds.premium for line in batch.lines])
    assert batch.sums.margin.amount > 0
    assert not batch.blocked


def test_cash_is_counted_once_for_all() -> None:
    desk, cards = asked()
    [pile] = price_batch(desk.state, cards).cash
    needed = total([card.collateral_after - card.collateral_before for card in cards])
    assert pile.account == F1_REV
    assert pile.before - pile.after == needed
    # Each card alone shows the cash that the other one already holds back.
    assert pile.before > cards[0].cash_before


def test_taking_a_line_out_leaves_the_other_alone() -> None:
    desk, cards = asked()
    alone = price_batch(desk.state, cards[:1])
    assert [line.proposal for line in alone.lines] == [cards[0].proposal.id]
    assert alone.sums.premium == cards[0].premium
    assert alone.sums.worst_case == cards[0].worst_case
    assert price_batch(desk.state, []).blocked


def test_a_batch_that_lacks_cash_is_blocked() -> None:
    desk, cards = asked()
    short = desk.state.with_sleeve(_reserved(desk))
    batch = price_batch(short, cards)
    assert batch.cash[0].is_short
    assert "take a line out" in batch.blocked


def _reserved(desk: Stage) -> Any:
    return replace(desk.state.sleeves[F1_REV], tax_reserve=Money(Decimal(80_000)))
