from __future__ import annotations

from datetime import date

from allusedesk.domain.identifiers import PositionId
from allusedesk.protocol.recovery import (
    FREEZE_RECOVERY,
    begin_recovery,
    is_answered,
    is_recovering,
)
from allusedesk.protocol.views import Freeze
from tests.protocol.examples import FRIDAY, REV, D, classic, shares, view


def test_gbr4_freezes_raises_the_buffer_and_halves_sizes_for_four_weeks() -> None:
    terms = begin_recovery(PositionId("put"), FRIDAY, classic())
    assert (terms.freeze, terms.cash_buffer, terms.size_factor) == (
        FREEZE_RECOVERY, D("0.10"), D("0.5"),
    )  # fmt: skip
    assert terms.until == date(2013, 3, 8)


def test_a_sleeve_recovers_while_its_freeze_stands() -> None:
    assert is_recovering(view(REV, freezes=(Freeze(FREEZE_RECOVERY),)))
    assert not is_recovering(view(REV, freezes=(Freeze("merging"),)))


def test_a_fall_is_answered_while_terms_hold_and_for_the_same_shares() -> None:
    lot = shares()
    assert not is_answered(view(REV), lot, classic())
    assert is_answered(view(REV, cash_buffer=D("0.10")), lot, classic())
    assert not is_answered(view(REV, cash_buffer=D("0.09")), lot, classic())
    for name in ("shares", "old put"):
        assert is_answered(view(REV, recovering=(PositionId(name),)), lot, classic())
    assert not is_answered(view(REV, recovering=(PositionId("other"),)), lot, classic())
