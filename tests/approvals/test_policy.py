from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.approvals.policy import (
    APPROVE_ALL,
    APPROVE_NONE,
    Policy,
    PolicyRefused,
    answer,
    parse_policy,
)
from allusedesk.domain.inputs import Answer
from allusedesk.domain.proposals import ProposalKind
from tests.trading import GEN, ROOT, call, price, proposal, put, sell

TEXT = """\
default = "reject"
reason = "Only small entries."

[[rule]]
kinds = ["roll"]
answer = "wait"

[[rule]]
kinds = ["entry", "covered call"]
accounts = ["rev", "com"]
symbols = ["AAPL", "MSFT"]
worst_case_max = 20_000
quantity_max = 2
most_earnable_min = 0.005
answer = "approve"
reason = "small"

[[rule]]
kinds = ["fork"]
answer = "reject"
reason = "No forks this year."
"""
ENTRY = proposal(sell(put()), most_earnable=Decimal("0.02"))


def said(policy: Policy, *, quantity: int = 1, **changes: Any) -> tuple[Answer, str] | None:
    given_answer = answer(policy, proposal(*ENTRY.legs, quantity=quantity, **changes))
    return None if given_answer is None else (given_answer.answer, given_answer.reason)


def test_all_and_none() -> None:
    yes, no = answer(APPROVE_ALL, ENTRY), answer(APPROVE_NONE, ENTRY)
    assert yes is not None
    assert no is not None
    assert (yes.answer, yes.operator) == (Answer.APPROVE, "policy:all")
    assert (no.answer, no.operator, bool(no.reason)) == (Answer.REJECT, "policy:none", True)


def test_the_first_rule_that_fits_answers() -> None:
    policy = parse_policy(TEXT, "careful")
    earnable = Decimal("0.02")
    assert said(policy, most_earnable=earnable) == (Answer.APPROVE, "small")
    assert said(policy, kind=ProposalKind.ROLL) is None
    assert said(policy, kind=ProposalKind.FORK) == (Answer.REJECT, "No forks this year.")
    assert said(policy, account=GEN) == (Answer.REJECT, "Only small entries.")
    assert said(policy, kind=ProposalKind.MERGE) == (Answer.REJECT, "Only small entries.")
    nobody = answer(policy, proposal(kind=ProposalKind.ENTRY))
    assert nobody is not None
    assert nobody.reason == "Only small entries."


@pytest.mark.parametrize(
    ("changes", "worst", "word"),
    [
        ({"quantity": 3}, "90_000", "quantity of 3"),
        ({"quantity": 2, "credit_net": price("-0.01")}, "20_001.99", "worst case, -20,002.00 USD"),
        ({"most_earnable": Decimal("0.0049")}, "20_000", "0.0049"),
        ({"most_earnable": None}, "20_000", "None"),
    ],
)
def test_beyond_a_figure_an_approval_becomes_a_rejection(
    changes: dict[str, Any], worst: str, word: str
) -> None:
    policy = parse_policy(TEXT.replace("20_000", worst))
    verdict = said(policy, **({"most_earnable": Decimal("0.02")} | changes))
    assert verdict is not None
    assert verdict[0] is Answer.REJECT
    assert word in verdict[1]


def test_exactly_on_each_figure_passes() -> None:
    policy = parse_policy(TEXT)
    verdict = said(policy, quantity=2, credit_net=price(0), most_earnable=Decimal("0.005"))
    assert verdict == (Answer.APPROVE, "small")


def test_a_loss_without_limit_is_beyond_any_figure() -> None:
    policy = parse_policy('default = "reject"\n[[rule]]\nanswer = "approve"\nworst_case_max = 1')
    verdict = answer(policy, proposal(sell(call())))
    assert verdict is not None
    assert "without limit" in verdict.reason


@pytest.mark.parametrize(
    ("text", "said_there"),
    [
        ("", "key default in line 1 is missing"),
        ('default = "maybe"', "key default in line 1 is 'maybe', which is none of approve"),
        ("default = 1", "key default in line 1 is 1"),
        ('default = "reject"\nreason = 3', "key reason in line 2 must be a text"),
        ('default = "reject"\nlimit = 3', "key limit in line 2 is unknown"),
        ('default = "reject"\nrule = 3', "key rule in line 2 must be written as"),
        ('default = "reject"\n\n[[rule]]\n', "key answer of rule 1 in line 3 is missing"),
        (TEXT.replace('["roll"]', '["rolls"]'), "key kinds of rule 1 in line 5 is 'rolls'"),
        (TEXT.replace('["roll"]', '"roll"'), "key kinds of rule 1 in line 5 must be a list"),
        (TEXT.replace('["roll"]', "[1]"), "key kinds of rule 1 in line 5 must be a list"),
        (TEXT.replace('"rev", ', '"main", '), "key accounts of rule 2 in line 10 is 'main'"),
        (TEXT.replace("20_000", "-1"), "key worst_case_max of rule 2 in line 12 must be a number"),
        (TEXT.replace("20_000", "nan"), "key worst_case_max of rule 2 in line 12 must be a number"),
        (TEXT.replace("20_000", "true"), "key worst_case_max of rule 2 in line 12 must be a"),
        (TEXT.replace("_max = 2\n", "_max = 2.5\n"), "in line 13 must be a whole number"),
        ('default = "reject"\nreason = "', "is no TOML in line 2"),
        ("default = reject", "is no TOML in line 1"),
    ],
)
def test_a_bad_policy_is_refused_with_its_key_and_line(text: str, said_there: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        parse_policy(text)
    assert said_there in str(refused.value)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    told = "no refusal, no line"
    try:
        parse_policy(text)
    except PolicyRefused as refused:
        told = str(refused)
    assert "line" in told


@given(
    st.dictionaries(
        st.sampled_from(["answer", "kinds", "symbols", "quantity_max", "reason", "other"]),
        st.sampled_from(['"approve"', '["entry"]', "3", "-1", "inf", "true", "{}", "[[]]"]),
    )
)
def test_any_rule_is_taken_or_refused(values: dict[str, str]) -> None:
    lines = [f"{key} = {value}" for key, value in values.items()]
    try:
        policy = parse_policy("\n".join(['default = "wait"', "[[rule]]", *lines]))
    except PolicyRefused:
        return
    answer(policy, ENTRY)


def test_the_policy_printed_in_the_handbook_is_one() -> None:
    page = ROOT / "resources" / "handbook" / "execution.md"
    text = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert len(parse_policy(text).rules) == 2
