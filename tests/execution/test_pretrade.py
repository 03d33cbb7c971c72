from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session
from allusedesk.execution.pretrade import last_look
from allusedesk.execution.slicing import Clip
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.compliance import Around
from allusedesk.risk.limits import Standing
from allusedesk.wiring.choices import rulebook_text
from tests.trading import (
    DAY,
    NOON,
    STOCK,
    buy,
    call,
    classic,
    dollars,
    funded_book,
    lot,
    price,
    proposal,
    put,
    quote,
    sell,
    sessions,
    snapshot,
    view,
    with_lots,
)

OPEN = next(session for session in sessions() if session.date == DAY)
HELD = lot(put(), -2)
SHARES = lot(STOCK, 100, id=PositionId("shares"))


def objection(
    wanted: Proposal,
    *lots: Position,
    seen: MarketSnapshot | None = None,
    session: Session | None = OPEN,
    clip: int = 1,
    **changes: Any,
) -> str:
    book = with_lots(funded_book(), *lots)
    standing = Standing(view(book=book, **changes))
    if seen is None:
        seen = snapshot(*[quote(leg.instrument) for leg in wanted.legs])
    found = last_look(wanted, Clip(1, clip), book, standing, seen, session, classic())
    return "" if found is None else found.rule


def closing() -> Proposal:
    return proposal(buy(put(), closes=HELD.id), credit_net=price("-2"))


def test_what_still_holds_is_sent() -> None:
    assert objection(proposal(sell(put()))) == ""
    assert objection(closing(), HELD) == ""


def test_the_market_must_be_open() -> None:
    wanted = proposal(sell(put()))
    assert objection(wanted, session=None) == "market.closed"
    for instant, rule in (
        (OPEN.opens_at, ""),
        (OPEN.opens_at - timedelta(seconds=1), "market.closed"),
        (OPEN.closes_at - timedelta(seconds=1), ""),
        (OPEN.closes_at, "market.closed"),
    ):
        seen = snapshot(quote(put(), quoted_at=instant), at=instant)
        assert objection(wanted, seen=seen) == rule
        assert objection(closing(), HELD, seen=seen) == rule


def test_a_quote_must_be_there_and_for_openings_fresh() -> None:
    assert objection(proposal(sell(put())), seen=snapshot()) == "chain.none"
    assert objection(closing(), HELD, seen=snapshot()) == "chain.none"
    old = snapshot(quote(put(), quoted_at=NOON - timedelta(seconds=31)))
    assert objection(proposal(sell(put())), seen=old) == "quote.age"
    assert objection(closing(), HELD, seen=old) == ""


@pytest.mark.parametrize(("mid", "rule"), [("1.90", ""), ("1.89", "price.moved"), ("3.00", "")])
def test_an_opening_whose_price_went_too_far_against_us_is_not_sent(mid: str, rule: str) -> None:
    seen = snapshot(quote(put(), mid, mid))
    assert objection(proposal(sell(put())), seen=seen) == rule
    assert objection(closing(), HELD, seen=seen) == ""


@pytest.mark.parametrize(("mid", "rule"), [("104", ""), ("106.05", ""), ("106.06", "price.moved")])
def test_a_purchase_that_became_dearer_is_not_sent(mid: str, rule: str) -> None:
    wanted = proposal(buy(STOCK), credit_net=price(-101), kind=ProposalKind.SHARE_PURCHASE)
    assert objection(wanted, seen=snapshot(quote(STOCK, mid, mid))) == rule


def test_a_purchase_for_which_the_caps_leave_no_lot_is_not_sent() -> None:
    assert objection(proposal(sell(put())), clip=0) == "cap.symbol"


def test_a_roll_is_bound_by_its_price_too() -> None:
    legs = buy(put(), closes=HELD.id), sell(put(98))
    roll = proposal(*legs, kind=ProposalKind.ROLL, credit_net=price("0.20"))
    seen = snapshot(quote(put(), "2", "2"), quote(put(98), "2.19", "2.19"))
    assert objection(roll, HELD, seen=seen) == ""
    worse = snapshot(quote(put(), "2", "2"), quote(put(98), "2.18", "2.18"))
    assert objection(roll, HELD, seen=worse) == "price.moved"
    unpriced = replace(roll, credit_net=None)
    assert objection(unpriced, HELD, seen=worse) == ""


def test_cash_must_still_be_there_for_the_clip() -> None:
    wanted = proposal(sell(put()), quantity=4)
    assert objection(wanted, clip=2, cash_free=dollars("20001.30")) == ""
    assert objection(wanted, clip=2, cash_free=dollars("20001.29")) == "cash.secured"


def test_shares_must_still_be_there() -> None:
    covered = proposal(sell(call(), linked_to=SHARES.id), kind=ProposalKind.COVERED_CALL)
    assert objection(covered, SHARES) == ""
    assert objection(covered) == "cover.shares"


def test_the_lot_to_close_must_still_be_there() -> None:
    assert objection(closing(), HELD, clip=2) == ""
    assert objection(closing(), HELD, clip=3) == "close.lot"
    assert objection(closing()) == "close.lot"


def test_law_and_broker_are_asked_once_more() -> None:
    rules = parse_rulebook(rulebook_text("classic+legacy-pdt"))
    wanted = proposal(sell(put()))
    for equity, expected in ((100_000, ""), (100, "conduct.regulation_t")):
        around = Around((), dollars(equity), dollars(equity))
        standing = Standing(view(), (), around)
        found = last_look(
            wanted, Clip(1, 1), funded_book(), standing, snapshot(quote(put())), OPEN, rules
        )
        assert ("" if found is None else found.rule) == expected
    assert found is not None
    assert "at most 100.00 USD" in found.reason
