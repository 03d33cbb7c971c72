from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.approvals.gate import (
    Approval,
    approval_on_record,
    grant,
    grant_by_trust,
    grant_standing,
    route,
)
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.approvals.trust import NEVER_BY_TRUST, Leave
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import (
    AnswerIgnored,
    ProposalApproved,
    ProposalDeclined,
    ProposalRefused,
)
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import NOTHING
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.terms import TermsSeen
from allusedesk.domain.trust import ApprovalAnnounced, ProposalSigned, TrustLevel
from allusedesk.risk.limits import RiskVerdict, Standing, judge
from tests.trading import (
    NOON,
    classic,
    dollars,
    funded_book,
    price,
    proposal,
    put,
    quote,
    sell,
    snapshot,
    view,
)

WANTED = proposal(sell(put()))
UNTIL = NOON + timedelta(hours=4)
YES = OperatorDecided(WANTED.id, Answer.APPROVE, "anna")
SEEN = TermsSeen("d", 7, NOON, price("2.00"), 1, NOTHING, (), (quote(put()),))
SIGNED = ProposalSigned(WANTED.id, "anna", NOON, None, None, SEEN)
NO = OperatorDecided(WANTED.id, Answer.REJECT, "anna", "too near earnings")


def test_what_our_checks_refuse_is_never_asked() -> None:
    book = funded_book()
    good = judge(WANTED, book, Standing(view()), snapshot(quote(put())), classic())
    assert route(WANTED, good) == AskOperator(WANTED)
    bad = judge(WANTED, book, Standing(view()), snapshot(), classic())
    refused = route(WANTED, bad)
    assert isinstance(refused, ProposalRefused)
    assert (refused.rule, refused.comparisons) == ("chain.none", bad.comparisons)


def test_an_answer_in_time_grants_or_declines() -> None:
    request = ApprovalRequest(WANTED)
    granted = grant(request, YES, WANTED.expires_at, UNTIL, classic())
    assert isinstance(granted, ProposalApproved)
    assert (granted.granted_by, granted.granted_at) == ("anna", WANTED.expires_at)
    assert approval_on_record(granted) == Approval(
        granted.approval, WANTED.id, "anna", WANTED.expires_at, UNTIL
    )
    declined = grant(request, NO, NOON, UNTIL, classic())
    assert declined == ProposalDeclined(WANTED.id, "anna", "too near earnings")


def test_a_late_answer_changes_nothing() -> None:
    late = WANTED.expires_at + timedelta(seconds=1)
    ignored = grant(ApprovalRequest(WANTED), YES, late, UNTIL, classic())
    assert isinstance(ignored, AnswerIgnored)
    assert "after the deadline" in ignored.reason


@pytest.mark.parametrize("standing", [s for s in RequestStanding if s is not RequestStanding.OPEN])
@pytest.mark.parametrize("decided", [YES, NO])
def test_a_doubled_or_void_answer_changes_nothing(
    standing: RequestStanding, decided: OperatorDecided
) -> None:
    ignored = grant(ApprovalRequest(WANTED, standing), decided, NOON, UNTIL, classic())
    assert ignored == AnswerIgnored(WANTED.id, f"the proposal is {standing.value}")


def test_an_answer_to_another_question_changes_nothing() -> None:
    other = replace(YES, proposal=ProposalId("another"))
    ignored = grant(ApprovalRequest(WANTED), other, NOON, UNTIL, classic())
    assert isinstance(ignored, AnswerIgnored)
    assert ignored.proposal == "another"


def leave(level: TrustLevel, minutes: int | None) -> Leave:
    acts_at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return Leave(level, Decimal("0.95"), acts_at)


def passed(of: Proposal) -> RiskVerdict:
    return judge(of, funded_book(), Standing(view()), snapshot(quote(put())), classic())


@pytest.mark.parametrize("minutes", [0, 5])
def test_trust_is_left_what_it_may_do_and_nothing_else(minutes: int) -> None:
    ready = leave(TrustLevel.MATURE, minutes)
    assert route(WANTED, passed(WANTED), ready) == ready
    assert route(WANTED, passed(WANTED), leave(TrustLevel.LEARNING, None)) == AskOperator(WANTED)
    # What our checks refuse, what two have to sign and what trust never decides is not its.
    bad = judge(WANTED, funded_book(), Standing(view()), snapshot(), classic())
    assert isinstance(route(WANTED, bad, ready), ProposalRefused)
    assert route(WANTED, passed(WANTED), ready, dollars(100)) == AskOperator(WANTED)
    assert route(WANTED, passed(WANTED), ready, dollars(1_000_000)) == ready
    fork = proposal(kind=ProposalKind.FORK)
    assert route(fork, None, ready) == ready
    for kind in NEVER_BY_TRUST:
        never = proposal(kind=kind)
        assert route(never, None, ready) == AskOperator(never)


def announced(level: TrustLevel = TrustLevel.MATURE) -> ApprovalAnnounced:
    return ApprovalAnnounced(WANTED.id, level, Decimal("0.95"), NOON, SEEN)


def test_trust_approves_what_it_announced_bound_to_what_was_seen_then() -> None:
    ready = leave(TrustLevel.MATURE, 0)
    granted = grant_by_trust(ApprovalRequest(WANTED), announced(), ready, NOON, UNTIL)
    assert isinstance(granted, ProposalApproved)
    assert granted.granted_by == "trust at level mature"
    assert (granted.seen, granted.expires_at) == (SEEN, UNTIL)
    higher = grant_by_trust(
        ApprovalRequest(WANTED), announced(), leave(TrustLevel.EXPERT, 0), NOON, UNTIL
    )
    assert isinstance(higher, ProposalApproved)


def test_what_came_between_leaves_it_to_a_person() -> None:
    ready, request = leave(TrustLevel.MATURE, 0), ApprovalRequest(WANTED)
    lower = leave(TrustLevel.LEARNING, None)
    for changed, allowed, now, says in (
        (replace(request, signed=SIGNED), ready, NOON, "anna has signed"),
        (replace(request, second_above=dollars(1)), ready, NOON, "signatures of two"),
        (request, lower, NOON, "may not act at level mature"),
        (replace(request, standing=RequestStanding.APPROVED), ready, NOON, "time is over"),
        (request, ready, WANTED.expires_at, "time is over"),
        (ApprovalRequest(proposal(kind=ProposalKind.RESUME)), ready, NOON, "may not act"),
    ):
        found = grant_by_trust(changed, announced(), allowed, now, UNTIL)
        assert isinstance(found, str)
        assert says in found


def test_the_first_of_two_signs_and_the_second_approves() -> None:
    request = ApprovalRequest(WANTED, second_above=dollars(1))
    seen_yes = replace(YES, seen=SEEN)
    first = grant(request, seen_yes, NOON, UNTIL, classic())
    assert first == SIGNED
    second = replace(seen_yes, operator="ben", countersigns=SEEN.digest)
    waiting = replace(request, signed=SIGNED)
    granted = grant(waiting, second, NOON, UNTIL, classic())
    assert isinstance(granted, ProposalApproved)
    assert (granted.granted_by, granted.countersigned_by) == ("anna", "ben")
    again = grant(waiting, seen_yes, NOON, UNTIL, classic())
    assert isinstance(again, AnswerIgnored)
    declined = grant(waiting, NO, NOON, UNTIL, classic())
    assert isinstance(declined, ProposalDeclined)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"operator": ""}, "somebody without a name"),
        ({"operator": "policy:all"}, "policy:all is none"),
        ({"seen": None}, "does not say what was seen"),
    ],
)
def test_a_first_signature_is_a_person_s_and_says_what_was_seen(
    changes: dict[str, Any], says: str
) -> None:
    request = ApprovalRequest(WANTED, second_above=dollars(1))
    ignored = grant(request, replace(YES, **{"seen": SEEN, **changes}), NOON, UNTIL, classic())
    assert isinstance(ignored, AnswerIgnored)
    assert says in ignored.reason


def test_a_live_desk_takes_no_answer_that_does_not_say_what_was_seen() -> None:
    request = ApprovalRequest(WANTED, must_show=True)
    ignored = grant(request, YES, NOON, UNTIL, classic())
    assert isinstance(ignored, AnswerIgnored)
    assert "does not say what was seen" in ignored.reason
    fork = proposal(kind=ProposalKind.FORK)
    granted = grant(ApprovalRequest(fork, must_show=True), YES, NOON, UNTIL, classic())
    assert isinstance(granted, ProposalApproved)


def test_only_an_exit_has_a_standing_authority() -> None:
    leaves = proposal(sell(put()), kind=ProposalKind.EMERGENCY_EXIT)
    assert grant_standing(leaves, NOON, UNTIL).granted_by.startswith("standing authority of")
    with pytest.raises(ValueError, match="no emergency exit"):
        grant_standing(WANTED, NOON, UNTIL)


def test_approvals_are_made_in_the_gate_alone() -> None:
    package = Path(__file__).resolve().parents[2] / "allusedesk"
    makers = [
        path.relative_to(package).as_posix()
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Approval", "ProposalApproved"}
    ]
    assert sorted(set(makers)) == ["approvals/gate.py"]
