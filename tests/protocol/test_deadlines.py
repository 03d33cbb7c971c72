from __future__ import annotations

from dataclasses import replace

import pytest

from allusedesk.domain.proposals import ProposalKind
from allusedesk.protocol.deadlines import expires_at
from tests.protocol.examples import THURSDAY, at, classic


@pytest.mark.parametrize(
    ("kind", "days", "clock"),
    [
        (ProposalKind.EMERGENCY_EXIT, None, "10:02"), (ProposalKind.RISK_BREACH, None, "10:05"),
        (ProposalKind.RECOVERY, None, "10:15"), (ProposalKind.ROLL, 3, "10:15"),
        (ProposalKind.ADJUSTMENT, 1, "10:30"),
        (ProposalKind.ENTRY, 2, "12:00"), (ProposalKind.ENTRY, 1, "10:15"),
        (ProposalKind.COVERED_CALL, 0, "10:15"), (ProposalKind.SHARE_PURCHASE, None, "12:00"),
        (ProposalKind.FORK, None, "15:30"), (ProposalKind.RESUME, None, "15:30"),
    ],
)  # fmt: skip
def test_each_kind_waits_its_time_and_never_past_its_window(
    kind: ProposalKind, days: int | None, clock: str
) -> None:
    made, window_end = at(THURSDAY, "10:00"), at(THURSDAY, "15:30")
    assert expires_at(kind, made, window_end, days, classic()) == at(THURSDAY, clock)


def test_a_kind_without_a_deadline_is_refused_and_never_waits_for_ever() -> None:
    rules = classic().approvals
    rest = tuple(row for row in rules.deadlines if ProposalKind.ROLL not in row.kinds)
    # Without a row of its own a kind has the time of a fork; a rulebook that names neither is
    # refused when it is read.
    unforked = tuple(row for row in rest if ProposalKind.FORK not in row.kinds)
    assert len(unforked) == len(rules.deadlines) - 2
    with pytest.raises(ValueError, match="no deadline for roll"):
        replace(rules, deadlines=unforked).deadline(ProposalKind.ROLL)
