from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from allusedesk.approvals.gate import Approval, approval_on_record, grant, route
from allusedesk.approvals.request import ApprovalRequest, RequestStanding
from allusedesk.domain.commands import AskOperator
from allusedesk.domain.events import (
    AnswerIgnored,
    ProposalApproved,
    ProposalDeclined,
    ProposalRefused,
)
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.risk.limits import Standing, judge
from tests.trading import NOON, classic, funded_book, proposal, put, quote, sell, snapshot, view

WANTED = proposal(sell(put()))
UNTIL = NOON + timedelta(hours=4)
YES = OperatorDecided(WANTED.id, Answer.APPROVE, "anna")
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
