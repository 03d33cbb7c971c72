from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial

from allusedesk.domain.identifiers import PositionId
from allusedesk.protocol.views import IssuerRoom
from allusedesk.risk.limits import is_share_purchase, shares_within_caps
from tests.trading import (
    COM,
    STOCK,
    buy,
    classic,
    dollars,
    funded_book,
    lot,
    price,
    proposal,
    put,
    sell,
    view,
    with_lots,
)

SHARES = lot(STOCK, 300, id=PositionId("shares"), account=COM)


def test_shares_to_buy_shrink_to_whole_lots_that_stay_within_the_caps() -> None:
    rules = classic()
    capped = replace(rules.accounts.com, symbol_cap=Decimal("0.25"))
    capped_rules = replace(rules, accounts=replace(rules.accounts, com=capped))
    rich = view(COM, funded_book(100_000), equity=dollars(100_000))
    fits = partial(shares_within_caps, "AAPL", view=rich, rulebook=capped_rules)
    assert fits(500, price(50)) == 500
    assert fits(500, price("50.01")) == 400
    assert fits(250, price("100.01")) == 249
    assert fits(100, price(251)) == 0
    held = view(COM, with_lots(funded_book(), SHARES), equity=dollars(100_000))
    assert shares_within_caps("AAPL", 300, price(50), held, capped_rules) == 200
    over = replace(held, equity=dollars(10_000))
    assert shares_within_caps("AAPL", 300, price(50), over, capped_rules) == 0


def test_shares_to_buy_stay_within_the_room_of_their_issuer() -> None:
    room = (IssuerRoom("AAPL", dollars(9_950)), IssuerRoom("MSFT", dollars(0)))
    tight = view(COM, funded_book(), issuer_rooms=room)
    rules = classic()
    free = replace(rules.accounts.com, symbol_cap=None)
    uncapped = replace(rules, accounts=replace(rules.accounts, com=free))
    assert shares_within_caps("AAPL", 300, price(40), tight, uncapped) == 200
    assert shares_within_caps("MSFT", 300, price(40), tight, uncapped) == 0
    assert shares_within_caps("IBM", 300, price(40), tight, uncapped) == 300


def test_only_buying_nothing_but_shares_is_a_share_purchase() -> None:
    assert is_share_purchase(proposal(buy(STOCK)))
    assert not is_share_purchase(proposal(sell(put())))
    assert not is_share_purchase(proposal(buy(STOCK), buy(put())))
    assert not is_share_purchase(replace(proposal(buy(STOCK)), legs=()))
