"""Section 7 under the constitution: what a put that was rolled has earned, its chain and all."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.constitution_desks import fall_to, with_put
from tests.acceptance.desks import F1_REV, THURSDAY, WEDNESDAY, proposals, sound
from tests.acceptance.stage import at


def test_a_chain_of_rolls_that_lost_is_not_closed_for_a_profit_on_its_last_leg() -> None:
    desk, strike = with_put()
    fall_to(desk, strike - 4)
    desk.play(at(WEDNESDAY, "15:00"))
    [roll] = proposals(desk, ProposalKind.ROLL)
    [fill] = [event for event in desk.all(ev.FillBooked) if event.order.startswith(roll.id)]
    [lot] = desk.state.book.positions_of(F1_REV)
    assert lot.option is not None
    first = desk.state.first_credits[lot.id]
    bought, sold = (one.price for one in fill.fills)
    assert desk.state.chain_gains[lot.id] == first - bought
    assert sold == lot.price_average

    # At L1 and over 3% in the money the rolled put has lost a third, the chain far more.
    own, spot = lot.price_average.per_unit, lot.option.strike * Decimal("0.965")
    desk.special[lot.option] = {"mid": own * Decimal("0.6")}
    desk.when(at(WEDNESDAY, "15:00:30"), lambda: desk.spots.update(AAPL=spot))
    desk.play(at(THURSDAY, "09:30"))
    assert lot.id in desk.state.book.positions
    assert not any("early_assignment" in str(p.rule) for p in proposals(desk))
    sound(desk)
