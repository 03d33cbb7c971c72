from __future__ import annotations

import pytest
from immutables import Map

from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import PositionId
from allusedesk.engine.sleeve_views import issuer_rooms, values_now
from allusedesk.engine.state import DeskState, Ticket
from tests.trading import (
    COM,
    STOCK,
    classic,
    dollars,
    funded_book,
    lot,
    price,
    proposal,
    put,
    sell,
    with_lots,
)


def test_the_room_of_an_issuer_follows_its_shares_price_and_its_lots() -> None:
    shares, short = lot(STOCK, 100), lot(put(), -1, id=PositionId("put"), account=COM)
    book = with_lots(funded_book(), shares, short)
    state = DeskState(book=book, rulebook=classic())
    values = values_now(state)

    def room(state: DeskState) -> str:
        [found] = issuer_rooms(state, (STOCK.symbol,), values)
        return str((values.equity * state.rules.capital.issuer_cap - found.room).amount)

    def at(spot: int, state: DeskState = state) -> DeskState:
        return DeskState(
            book=state.book,
            rulebook=state.rulebook,
            spots=state.spots.set(STOCK.symbol, price(spot)),
        )

    taken = [room(state), room(at(110)), room(at(90)), room(at(110)), room(state)]
    assert [float(each) for each in taken] == [20_000, 21_000, 19_000, 21_000, 20_000]
    asked = Ticket(proposal(sell(put(90))), quantity_left=2)
    waiting = replace(state, tickets=Map({asked.proposal.id: asked}))
    assert float(room(waiting)) == pytest.approx(20_000 + 18_000, abs=5)
    assert float(room(state)) == 20_000
    without = DeskState(book=with_lots(funded_book(), shares), rulebook=classic())
    assert float(room(at(110, without))) == dollars(11_000).amount
