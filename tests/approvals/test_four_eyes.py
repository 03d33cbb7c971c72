"""Which proposals two persons sign, whether a second signature is one, and who may change that."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.approvals.four_eyes import countersigned, limit_in_force, needs_second, settled
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.terms import TermsSeen
from allusedesk.domain.trust import (
    FourEyesAwaited,
    FourEyesChanged,
    ProposalSigned,
    SecondSignatureSet,
)
from tests.trading import NOON, buy, classic, dollars, price, proposal, put, quote, sell

WANTED = proposal(sell(put()), quantity=2)
SEEN = TermsSeen("d", 7, NOON, price("2.00"), 2, NOTHING, (), (quote(put()),))
FIRST = ProposalSigned(WANTED.id, "anna", NOON, None, None, SEEN)
SECOND = OperatorDecided(WANTED.id, Answer.APPROVE, "ben", seen=SEEN, countersigns="d")


@pytest.mark.parametrize(
    ("above", "needs"), [("19600", False), ("19599.99", True), ("20000", False), ("0", True)]
)
def test_exactly_at_the_limit_one_signs_and_above_it_two(above: str, needs: bool) -> None:
    # Two puts at 100 for 2.00 lose 19,600 at worst.
    assert needs_second(WANTED, None, dollars(above)) is needs


def test_no_limit_asks_nobody_and_an_edit_counts_as_it_is() -> None:
    assert not needs_second(WANTED, None, None)
    assert needs_second(WANTED, 2, dollars(10_000))
    assert not needs_second(WANTED, 1, dollars(10_000))


def test_a_loss_without_limit_needs_two_and_what_trades_nothing_one() -> None:
    short = proposal(sell(Stock("AAPL")), quantity=1)
    assert needs_second(short, None, dollars(10_000_000))
    assert not needs_second(proposal(kind=ProposalKind.FORK), None, dollars(1))


def test_a_close_counts_what_it_pays() -> None:
    held = PositionId("lot")
    close = proposal(buy(put(), closes=held), quantity=3, credit_net=price("-4.00"))
    assert needs_second(close, None, dollars("1199.99"))
    assert not needs_second(close, None, dollars(1_200))
    sale = proposal(sell(Stock("AAPL"), closes=held), quantity=100, credit_net=price(90))
    assert not needs_second(sale, None, dollars(1))
    assert not needs_second(replace(close, credit_net=None), None, dollars(1))


def test_a_roll_opens_and_counts_as_an_opening() -> None:
    roll = proposal(
        buy(put(100), closes=PositionId("lot")), sell(put(98)), credit_net=price("0.20")
    )
    # The put at 98 for 0.20 may lose 9,780, whatever was held before.
    assert needs_second(roll, None, dollars("9779.99"))
    assert not needs_second(roll, None, dollars(9_780))


def test_the_lower_of_two_limits_is_in_force() -> None:
    rules = classic()
    approvals = replace(rules.approvals, second_signature_above=Decimal(5_000))
    strict = replace(rules, approvals=approvals)
    assert limit_in_force(None, rules) is None
    assert limit_in_force(dollars(7_000), rules) == dollars(7_000)
    assert limit_in_force(None, strict) == dollars(5_000)
    assert limit_in_force(dollars(7_000), strict) == dollars(5_000)
    assert limit_in_force(dollars(3_000), strict) == dollars(3_000)


def test_a_second_signature_is_another_person_s_to_the_same() -> None:
    assert countersigned(FIRST, SECOND) == ""
    for changes, says in (
        ({"operator": ""}, "somebody without a name"),
        ({"operator": "policy:all"}, "policy:all is none"),
        ({"operator": "ANNA"}, "different person"),
        ({"countersigns": ""}, "does not name"),
        ({"countersigns": "e"}, "does not name"),
        ({"seen": None}, "does not name"),
        ({"quantity": 1}, "another quantity"),
        ({"limit": price("1.99")}, "another quantity"),
    ):
        assert says in countersigned(FIRST, replace(SECOND, **changes))  # type: ignore[arg-type]


def wish(above: Money | None, who: str = "anna") -> SecondSignatureSet:
    return SecondSignatureSet(above, who)


def test_stricter_counts_at_once() -> None:
    low, high = dollars(1), dollars(2)
    assert settled(wish(high), None, None) == FourEyesChanged(high, "anna")
    assert settled(wish(low), None, high) == FourEyesChanged(low, "anna")
    assert settled(wish(low), None, low) == FourEyesChanged(low, "anna")
    assert settled(wish(None), None, None) == FourEyesChanged(None, "anna")


def test_looser_needs_two_who_want_the_same() -> None:
    low, high = dollars(1), dollars(2)
    waiting = FourEyesAwaited(high, "anna")
    assert settled(wish(high), None, low) == waiting
    assert settled(wish(high, "Anna"), waiting, low) == FourEyesAwaited(high, "Anna")
    assert settled(wish(None, "ben"), waiting, low) == FourEyesAwaited(None, "ben")
    assert settled(wish(high, "ben"), waiting, low) == FourEyesChanged(high, "anna", "ben")
    assert settled(wish(None), None, low) == FourEyesAwaited(None, "anna")


def test_an_amount_below_zero_and_a_policy_are_refused() -> None:
    assert "no worst case" in str(settled(wish(dollars(-1)), None, None))
    assert "only a person" in str(settled(wish(None, "policy:all"), None, None))
