"""Above a set worst case nothing is sent before two different persons have signed the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money, Price
from allusedesk.domain.trust import SecondSignatureSet
from allusedesk.engine.approval_card import ApprovalCard
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.reopening import reopened
from allusedesk.engine.replay import replay
from allusedesk.journal.words.sentences import describe
from tests.acceptance.desks import MONDAY, stage
from tests.acceptance.stage import Stage, at
from tests.simulation.world import classic_text

LOW = Money(Decimal(1_000))
HIGH = Money(Decimal(10_000_000))


def limited(above: Money | None = LOW, text: str = "") -> Stage:
    desk = stage(rulebook=text)
    desk.silent = lambda _proposal: True
    desk.play(at(MONDAY, "08:30"), *([] if above is None else [SecondSignatureSet(above, "anna")]))
    desk.play(at(MONDAY, "09:46"))
    return desk


def card(desk: Stage) -> ApprovalCard:
    [found] = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
    return found


def yes(of: ApprovalCard, who: str, **changes: Any) -> OperatorDecided:
    signed = of.people.signed
    countersigns = "" if signed is None else signed.seen.digest
    wanted = OperatorDecided(of.proposal.id, Answer.APPROVE, who, "", of.terms)
    return replace(wanted, countersigns=countersigns, **changes)


def signed(desk: Stage, clock: str = "09:47", **changes: Any) -> ApprovalCard:
    """The card after anna has signed it."""
    desk.play(at(MONDAY, clock), yes(card(desk), "anna", **changes))
    return card(desk)


def same_again(desk: Stage) -> None:
    verdict = replay(desk.record.entries)
    assert verdict.is_same, verdict.first_difference
    assert reopened(desk.record.entries)[0] == desk.state


def test_two_persons_sign_and_the_record_has_both_names() -> None:
    desk = limited()
    assert card(desk).people.needs_second
    seen = signed(desk)
    [first] = desk.all(ev.ProposalSigned)
    assert (first.operator, first.seen.digest) == ("anna", seen.people.signed.seen.digest)
    assert not desk.all(ev.ProposalApproved)
    assert not desk.all(ev.OrderWritten)
    desk.play(at(MONDAY, "09:50"), yes(seen, "ben"))
    [granted] = desk.all(ev.ProposalApproved)
    assert (granted.granted_by, granted.countersigned_by) == ("anna", "ben")
    assert "by anna and ben" in describe(granted)
    assert len(desk.all(ev.OrderWritten)) == 1
    same_again(desk)


@pytest.mark.parametrize("again", ["anna", " Anna ", "ANNA"])
def test_one_person_twice_is_refused(again: str) -> None:
    desk = limited()
    seen = signed(desk)
    desk.play(at(MONDAY, "09:50"), yes(seen, again))
    assert "a second, different person" in desk.all(ev.AnswerIgnored)[0].reason
    assert not desk.all(ev.ProposalApproved)


@pytest.mark.parametrize("who", ["", "policy:all", "trust at level expert"])
def test_nobody_and_no_policy_is_a_person(who: str) -> None:
    desk = limited()
    desk.play(at(MONDAY, "09:47"), yes(card(desk), who))
    assert "two persons have to sign" in desk.all(ev.AnswerIgnored)[0].reason
    seen = signed(desk, "09:48")
    desk.play(at(MONDAY, "09:50"), yes(seen, who))
    assert "two persons have to sign" in desk.all(ev.AnswerIgnored)[1].reason
    assert not desk.all(ev.ProposalApproved)


def test_the_second_signs_what_the_first_one_signed() -> None:
    desk = limited()
    before = card(desk)
    desk.play(at(MONDAY, "09:47"), yes(before, "anna"))
    # A card from before the first signature names none, and an edit is another question.
    desk.play(at(MONDAY, "09:48"), yes(before, "ben"))
    desk.play(at(MONDAY, "09:49"), yes(card(desk), "ben", quantity=1))
    desk.play(at(MONDAY, "09:50"), yes(card(desk), "ben", seen=None))
    reasons = [event.reason for event in desk.all(ev.AnswerIgnored)]
    assert "does not name what anna signed" in reasons[0]
    assert "another quantity or limit" in reasons[1]
    assert "does not name what anna signed" in reasons[2]
    assert not desk.all(ev.ProposalApproved)


def test_an_edit_is_signed_twice_as_it_is() -> None:
    desk = limited()
    limit = Price(card(desk).terms.price.per_unit)
    seen = signed(desk, quantity=1, limit=limit)
    desk.play(at(MONDAY, "09:50"), yes(seen, "ben", quantity=1, limit=limit))
    [granted] = desk.all(ev.ProposalApproved)
    assert (granted.quantity, granted.limit) == (1, limit)
    assert [event.order.quantity for event in desk.all(ev.OrderWritten)] == [1]


@pytest.mark.parametrize("who", ["anna", "ben"])
def test_a_no_of_either_ends_it(who: str) -> None:
    desk = limited()
    seen = signed(desk)
    no = OperatorDecided(seen.proposal.id, Answer.REJECT, who, "on second thoughts")
    desk.play(at(MONDAY, "09:50"), no)
    [declined] = desk.all(ev.ProposalDeclined)
    assert (declined.operator, declined.reason) == (who, "on second thoughts")
    assert not desk.state.tickets


def test_the_deadline_covers_both_signatures() -> None:
    desk = limited()
    seen = signed(desk)
    desk.play(seen.proposal.expires_at + timedelta(seconds=1))
    assert [event.proposal for event in desk.all(ev.ProposalLapsed)] == [seen.proposal.id]
    desk.play(desk.clock.now() + timedelta(seconds=5), yes(seen, "ben"))
    assert not desk.all(ev.ProposalApproved)
    same_again(desk)


def test_a_signature_survives_a_restart() -> None:
    desk = limited()
    signed(desk)
    desk.stop_and_resume()
    desk.play(at(MONDAY, "09:50"), yes(card(desk), "ben"))
    assert desk.all(ev.ProposalApproved)[0].countersigned_by == "ben"


def test_what_moved_since_the_first_signature_voids_both() -> None:
    desk = limited()
    first = card(desk)
    signed(desk)
    leg = first.proposal.legs[0].instrument
    moved = round(first.terms.price.per_unit * Decimal("1.2"), 2)
    desk.special[leg] = {"mid": moved}
    # The second sees and signs the new price; the first never saw it.
    fresh = card(desk)
    assert fresh.terms.price.per_unit == moved
    desk.play(at(MONDAY, "09:49"), yes(fresh, "ben"))
    voided = desk.all(ev.ProposalVoided)[0]
    assert voided.rule == "seen.price"
    assert not desk.all(ev.OrderWritten)


def test_below_the_limit_one_person_is_enough_and_an_edit_may_come_below_it() -> None:
    desk = limited(HIGH)
    assert not card(desk).people.needs_second
    desk.play(at(MONDAY, "09:50"), yes(card(desk), "anna"))
    assert desk.all(ev.ProposalApproved)[0].countersigned_by == ""

    desk = limited(HIGH)
    one = card(desk)
    worst_of_one = -one.worst_case.amount / one.proposal.quantity
    desk = limited(Money(worst_of_one + 100))
    assert card(desk).people.needs_second
    desk.play(at(MONDAY, "09:50"), yes(card(desk), "anna", quantity=1))
    assert desk.all(ev.ProposalApproved)[0].quantity == 1


def test_the_rulebook_s_limit_holds_whatever_the_desk_was_told() -> None:
    text = classic_text().replace("[approvals]\n", "[approvals]\nsecond_signature_above = 1000\n")
    desk = limited(HIGH, text)
    assert card(desk).people.second_above == LOW


def test_stricter_counts_at_once_and_looser_needs_two() -> None:
    desk = limited(HIGH)
    now = desk.clock.now()

    def wish(above: Money | None, who: str) -> None:
        nonlocal now
        now += timedelta(seconds=10)
        desk.play(now, SecondSignatureSet(above, who))

    wish(LOW, "anna")
    assert desk.state.second_above == LOW
    wish(None, "anna")
    wish(None, "Anna")
    assert desk.state.second_above == LOW
    assert [event.operator for event in desk.all(ev.FourEyesAwaited)] == ["anna", "Anna"]
    wish(HIGH, "ben")
    assert desk.state.second_above == LOW
    wish(HIGH, "anna")
    assert desk.state.second_above == HIGH
    changed = desk.all(ev.FourEyesChanged)[-1]
    assert (changed.operator, changed.second) == ("ben", "anna")
    wish(Money(Decimal(-1)), "anna")
    wish(LOW, "policy:all")
    assert desk.state.second_above == HIGH
    assert [event.subject for event in desk.all(ev.RequestDenied)] == ["-1.00 USD", "1,000.00 USD"]
    same_again(desk)


def test_every_change_and_signature_reads_as_a_sentence() -> None:
    desk = limited()
    signed(desk)
    told = [describe(entry.event) for entry in desk.record.entries]
    assert "anna wants two signatures above a worst case of" in " ".join(told)
    assert "Two signatures are needed above a worst case of" in " ".join(told)
    assert "was signed by anna; a second, different person" in " ".join(told)
