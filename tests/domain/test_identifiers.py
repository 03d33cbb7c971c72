from __future__ import annotations

from allusedesk.domain.identifiers import (
    approval_id,
    order_id,
    position_id,
    proposal_id,
    version_of_order,
)
from tests.trading import REV, WEEK


def test_every_id_tells_where_it_came_from() -> None:
    proposal = proposal_id(WEEK, REV, 12)
    assert proposal == "2013-W07/F1.rev/P12"
    assert approval_id(proposal) == "2013-W07/F1.rev/P12/A"
    order = order_id(proposal, 2)
    assert order == "2013-W07/F1.rev/P12/O2"
    assert position_id(order, 1) == "2013-W07/F1.rev/P12/O2/L1"


def test_a_replaced_order_has_another_name_on_the_wire() -> None:
    order = order_id(proposal_id(WEEK, REV, 12), 2)
    assert version_of_order(order, 3) == f"{order}/v3"
    assert version_of_order(order, 3) != version_of_order(order, 2)
