from __future__ import annotations

from allusedesk.domain.identifiers import PositionId
from allusedesk.protocol.views import Estimate, IssuerRoom, TrueRange
from tests.protocol.examples import REV, D, dollars, shares, short_call, view


def test_what_a_view_holds_is_found_by_name_and_nothing_else() -> None:
    seen = view(
        REV,
        lots=(shares(), short_call()),
        estimates=(Estimate(PositionId("call"), D(1)),),
        issuer_rooms=(IssuerRoom("AAPL", dollars(5)),),
        ranges_known=(TrueRange("AAPL", D(3)),),
    )
    assert seen.lot(PositionId("call")) == short_call()
    assert seen.lot(PositionId("nothing")) is None
    assert seen.calls_on(PositionId("shares")) == (short_call(),)
    assert seen.estimate(PositionId("call")) == Estimate(PositionId("call"), D(1))
    assert seen.estimate(PositionId("shares")) is None
    assert seen.issuer_room("AAPL") == dollars(5)
    assert seen.issuer_room("MSFT") is None
    assert seen.range_known("AAPL") == 3
    assert seen.range_known("MSFT") is None
