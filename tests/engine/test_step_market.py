from __future__ import annotations

from typing import TYPE_CHECKING

from allusedesk.domain.proposals import ProposalKind
from allusedesk.engine.sleeve_views import with_estimates
from allusedesk.engine.steps import market as step_market
from tests.acceptance.constitution_desks import fall_to, with_put
from tests.acceptance.desks import FRIDAY, NEXT_MONDAY
from tests.acceptance.stage import at

if TYPE_CHECKING:
    import pytest

    from allusedesk.domain.positions import Position
    from allusedesk.domain.quotes import MarketSnapshot
    from allusedesk.engine.state import DeskState
    from allusedesk.protocol.views import SleeveView


def test_expected_losses_are_reckoned_of_shares_at_the_third_level_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Position] = []

    def noted(
        state: DeskState, view: SleeveView, lots: tuple[Position, ...], snapshot: MarketSnapshot
    ) -> SleeveView:
        asked.extend(lots)
        return with_estimates(state, view, lots, snapshot)

    monkeypatch.setattr(step_market, "with_estimates", noted)
    desk, strike = with_put()
    desk.closings["AAPL", FRIDAY] = strike - 1
    fall_to(desk, strike - 1, FRIDAY, "15:50")
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    assert asked == []
    fall_to(desk, strike - 8, NEXT_MONDAY, "11:00:30")
    desk.play(at(NEXT_MONDAY, "11:05"))
    assert asked
    assert all(lot.is_shares for lot in asked)
