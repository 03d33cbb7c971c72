from __future__ import annotations

from allusedesk.domain.identifiers import PositionId
from allusedesk.protocol.views import Estimate, FirstCredit, IssuerRoom, TrueRange
from tests.protocol.examples import REV, D, dollars, lot, option, price, shares, short_call, view


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


def test_a_chain_of_rolls_is_remembered_for_the_put_that_ends_it() -> None:
    firsts = (
        FirstCredit(PositionId("first"), price(3), price("-0.50")),
        FirstCredit(PositionId("put"), price(1)),
        FirstCredit(PositionId("third"), price(2), price("0.25")),
    )
    seen = view(REV, first_credits=firsts)
    assert [seen.credit_of(first.position) for first in firsts] == [price(3), price(1), price(2)]
    assert seen.credit_of(PositionId("nothing")) is None
    # Sold at 2.00 itself; where the cost of its rolls is not known, neither is what was kept.
    third = lot(option(), id=PositionId("third"))
    assert seen.chain_kept(third) == price("2.25")
    assert seen.chain_kept(lot(option())) is None
    assert seen.chain_kept(lot(option(), id=PositionId("nothing"))) is None
