"""Trust: what decisions and results earn, what idle weeks cost, and what no level allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.approvals import trust
from allusedesk.approvals.trust import TrustLedger, TrustRecord
from allusedesk.domain.book import LotChange
from allusedesk.domain.events import OutcomeClassified, ProposalApproved, ProposalCompleted
from allusedesk.domain.identifiers import PositionId, ProposalId, approval_id
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Proposal, ProposalKind, RuleReference
from allusedesk.domain.trust import TrustAllowed, TrustLevel
from tests.trading import (
    DAY,
    NOON,
    REV,
    WEEK,
    buy,
    call,
    classic,
    lot,
    price,
    proposal,
    put,
    sell,
)

RULES = classic().approvals.trust
assert RULES is not None
ENTRY = ProposalKind.ENTRY
ONE = Decimal(1)
MONDAY = date(2013, 2, 11)


def asked(number: int = 1, kind: ProposalKind = ENTRY, **changes: Any) -> Proposal:
    return proposal(sell(put()), id=ProposalId(f"P{number}"), kind=kind, **changes)


def granted(of: Proposal, who: str = "anna", **changes: Any) -> ProposalApproved:
    until = NOON + timedelta(hours=4)
    return replace(ProposalApproved(of.id, approval_id(of.id), who, NOON, until), **changes)


def over(of: Proposal, done: int | None = None) -> ProposalCompleted:
    return ProposalCompleted(of.id, of.quantity if done is None else done, "done")


def yes(
    ledger: TrustLedger, number: int, day: date = DAY, who: str = "anna", **changes: Any
) -> TrustLedger:
    """An entry approved and carried out; no lot of it is watched, so its share is its result."""
    of = asked(number)
    ledger = trust.with_approval(ledger, of, granted(of, who, **changes), classic())
    return trust.with_end(ledger, over(of), day, classic())


def no(ledger: TrustLedger, day: date = DAY, who: str = "anna") -> TrustLedger:
    return trust.with_refusal(ledger, asked(), who, day, classic())


def measured(code: str, name: str = "lot", tag: str = "final") -> OutcomeClassified:
    return OutcomeClassified(REV, WEEK, PositionId(name), code, tag, (), "")


def score(ledger: TrustLedger, day: date = DAY) -> Decimal:
    return trust.score_of(ledger.record(ENTRY), day, RULES)


def level(record: TrustRecord, day: date = DAY) -> TrustLevel:
    return trust.level_earned(record, day, RULES)


def test_an_approval_agrees_an_edited_one_by_half_and_a_no_not_at_all() -> None:
    ledger = yes(TrustLedger(), 1)
    assert ledger.record(ENTRY).agreement == ONE
    ledger = yes(ledger, 2, quantity=1)
    ledger = yes(ledger, 3, limit=price("1.95"))
    ledger = no(ledger)
    record = ledger.record(ENTRY)
    assert record.agreement == Decimal(2) / 4
    assert (record.approved, record.edited, record.rejected, record.decided) == (1, 2, 1, 4)
    assert record.measured == 3
    assert score(ledger) == Decimal("0.6") * Decimal("0.5") + Decimal("0.4")


@pytest.mark.parametrize("who", ["policy:all", "standing authority of classic@1.0/level.exit"])
def test_what_no_person_decided_proves_nothing(who: str) -> None:
    assert yes(TrustLedger(), 1, who=who) == TrustLedger()
    assert no(TrustLedger(), who=who) == TrustLedger()


def test_what_trust_did_itself_is_measured_and_decides_nothing() -> None:
    ledger = yes(TrustLedger(), 1, who="trust at level expert")
    record = ledger.record(ENTRY)
    assert (record.decided, record.measured, record.outcome) == (0, 1, ONE)
    assert record.agreement == 0
    assert record.week is None


def test_a_lapse_and_a_void_approval_leave_no_trace() -> None:
    of = asked()
    ledger = trust.with_approval(TrustLedger(), of, granted(of), classic())
    assert trust.without(ledger, of.id) == TrustLedger()
    assert trust.without(TrustLedger(), of.id) == TrustLedger()
    assert trust.with_end(TrustLedger(), over(of), DAY, classic()) == TrustLedger()


@pytest.mark.parametrize("kind", sorted(trust.NEVER_BY_TRUST, key=lambda kind: kind.value))
def test_exits_and_resets_earn_nothing(kind: ProposalKind) -> None:
    of = asked(kind=kind)
    assert trust.with_approval(TrustLedger(), of, granted(of), classic()) == TrustLedger()
    assert trust.with_refusal(TrustLedger(), of, "anna", DAY, classic()) == TrustLedger()
    ledger = TrustLedger(
        records=TrustLedger().records.set(
            kind, TrustRecord(1000, Decimal(1000), 1000, Decimal(1000))
        )
    )
    ledger = trust.with_switch(ledger, TrustAllowed(kind, TrustLevel.EXPERT, "anna"))
    assert trust.level_acting(ledger, kind, DAY, classic()) is TrustLevel.INITIAL
    assert trust.leave_for(ledger, of, NOON, DAY, classic()).acts_at is None


def test_a_person_s_own_wish_earns_nothing_and_is_never_trust_s() -> None:
    rule = RuleReference("classic@1.0", "operator.close")
    of = asked(kind=ProposalKind.ADJUSTMENT, rule=rule)
    assert trust.with_approval(TrustLedger(), of, granted(of), classic()) == TrustLedger()
    assert trust.with_refusal(TrustLedger(), of, "anna", DAY, classic()) == TrustLedger()
    best = TrustRecord(1000, Decimal(1000), 1000, Decimal(1000))
    ledger = TrustLedger(records=TrustLedger().records.set(of.kind, best))
    ledger = trust.with_switch(ledger, TrustAllowed(of.kind, TrustLevel.EXPERT, "anna"))
    leave = trust.leave_for(ledger, of, NOON, DAY, classic())
    assert (leave.level, leave.acts_at) == (TrustLevel.INITIAL, None)


def test_a_put_is_measured_by_the_outcome_of_its_week() -> None:
    of = asked()
    ledger = trust.with_approval(TrustLedger(), of, granted(of), classic())
    opened = lot(put(), -1)
    ledger = trust.with_lots(ledger, of.id, (LotChange(None, opened),))
    ledger = trust.with_end(ledger, over(of), DAY, classic())
    assert ledger.record(ENTRY).measured == 0
    interim = trust.with_outcome(ledger, measured("P-EW", tag="interim"), DAY, classic())
    assert interim == ledger
    assert trust.with_outcome(ledger, measured("P-EW", "another"), DAY, classic()) == ledger
    ledger = trust.with_outcome(ledger, measured("P-RO"), DAY, classic())
    assert ledger.record(ENTRY).outcome == Decimal("0.0125") / Decimal("0.02")
    assert not ledger.watched
    assert trust.with_outcome(ledger, measured("P-RO"), DAY, classic()) == ledger


@pytest.mark.parametrize(
    ("code", "worth"),
    [
        ("P-EW", "1"),
        ("P-AWL", "1"),
        ("P-RO", "0.625"),
        ("P-AOL", "1"),
        ("P-DD", "0"),
        ("C-WAP", "1"),
        ("C-WAP+", "1"),
        ("C-PNO", "1"),
        ("C-RO", "0.5"),
        ("C-REC", "0.325"),
    ],
)
def test_an_outcome_is_worth_its_target_against_the_plain_week(code: str, worth: str) -> None:
    assert trust.worth_of_outcome(code, classic(), RULES) == Decimal(worth)


def test_a_covered_call_is_measured_by_its_shares() -> None:
    shares = PositionId("shares")
    of = proposal(
        sell(call(), linked_to=shares, role=PositionRole.COVERED_CALL),
        kind=ProposalKind.COVERED_CALL,
    )
    ledger = trust.with_approval(TrustLedger(), of, granted(of), classic())
    sold = lot(call(), -1, role=PositionRole.COVERED_CALL)
    ledger = trust.with_lots(ledger, of.id, (LotChange(None, sold),))
    ledger = trust.with_end(ledger, over(of), DAY, classic())
    ledger = trust.with_outcome(ledger, measured("C-REC", shares), DAY, classic())
    assert ledger.record(ProposalKind.COVERED_CALL).outcome == Decimal("0.325")


def test_a_close_is_measured_by_how_much_of_it_was_done() -> None:
    of = proposal(buy(put(), closes=PositionId("lot")), quantity=4, kind=ProposalKind.ADJUSTMENT)
    ledger = trust.with_approval(TrustLedger(), of, granted(of), classic())
    gone = LotChange(lot(put(), -4), None)
    assert trust.with_lots(ledger, of.id, (gone,)) == ledger
    assert trust.with_lots(ledger, ProposalId("another"), (gone,)) == ledger
    ledger = trust.with_end(ledger, over(of, 3), DAY, classic())
    assert ledger.record(ProposalKind.ADJUSTMENT).outcome == Decimal("0.75")


def test_what_trades_nothing_bears_out_once_it_is_carried_out() -> None:
    of = proposal(kind=ProposalKind.FORK, quantity=0, credit_net=None)
    ledger = trust.with_approval(TrustLedger(), of, granted(of), classic())
    ledger = trust.with_end(ledger, over(of), DAY, classic())
    assert ledger.record(ProposalKind.FORK).outcome == ONE


@pytest.mark.parametrize(
    ("decided", "worth", "expected"),
    [
        (9, "1", TrustLevel.INITIAL),
        (10, "0.70", TrustLevel.LEARNING),
        (10, "0.69", TrustLevel.INITIAL),
        (49, "1", TrustLevel.LEARNING),
        (50, "0.80", TrustLevel.MATURE),
        (50, "0.79", TrustLevel.LEARNING),
        (99, "1", TrustLevel.MATURE),
        (100, "0.90", TrustLevel.EXPERT),
        (100, "0.89", TrustLevel.MATURE),
        (1000, "0.69", TrustLevel.INITIAL),
    ],
)
def test_each_level_asks_for_its_count_and_its_score(
    decided: int, worth: str, expected: TrustLevel
) -> None:
    points = Decimal(worth) * decided
    record = TrustRecord(decided, points, decided, points, week=MONDAY)
    assert level(record) is expected


def test_ten_in_agreement_of_which_nothing_was_measured_are_not_enough() -> None:
    record = TrustRecord(10, Decimal(10), week=MONDAY)
    assert trust.score_of(record, DAY, RULES) == Decimal("0.6")
    assert level(record) is TrustLevel.INITIAL


def test_an_idle_week_costs_two_percent_and_the_two_around_it_nothing() -> None:
    record = TrustRecord(10, Decimal(10), 10, Decimal(10), week=MONDAY)
    for days, kept in ((0, "1"), (13, "1"), (14, "0.98"), (20, "0.98"), (21, "0.9604")):
        assert trust.score_of(record, MONDAY + timedelta(days=days), RULES) == Decimal(kept)


def test_a_decision_ends_the_idling_and_does_not_make_it_undone() -> None:
    ledger = yes(TrustLedger(), 1, MONDAY)
    later = MONDAY + timedelta(weeks=3)
    ledger = yes(ledger, 2, later)
    record = ledger.record(ENTRY)
    assert record.agreed == Decimal("0.9604") + 1
    assert (record.week, record.idle_weeks) == (later, 0)
    # A result in an idle week is added after the week's cost, and pays only the weeks to come.
    ledger = trust.with_lots(
        trust.with_approval(
            ledger, asked(3), granted(asked(3), "trust at level mature"), classic()
        ),
        asked(3).id,
        (LotChange(None, lot(put(), -1)),),
    )
    ledger = trust.with_outcome(ledger, measured("P-EW"), later + timedelta(weeks=2), classic())
    assert ledger.record(ENTRY).borne_out == (Decimal("0.9604") + 1) * Decimal("0.98") + 1


@pytest.mark.parametrize(
    ("switch", "expected", "minutes"),
    [
        (TrustLevel.INITIAL, TrustLevel.INITIAL, None),
        (TrustLevel.LEARNING, TrustLevel.LEARNING, None),
        (TrustLevel.MATURE, TrustLevel.MATURE, 5),
        (TrustLevel.EXPERT, TrustLevel.EXPERT, 0),
    ],
)
def test_trust_acts_as_far_as_a_person_lets_it(
    switch: TrustLevel, expected: TrustLevel, minutes: int | None
) -> None:
    record = TrustRecord(100, Decimal(100), 100, Decimal(100), week=MONDAY)
    ledger = TrustLedger(records=TrustLedger().records.set(ENTRY, record))
    ledger = trust.with_switch(ledger, TrustAllowed(ENTRY, switch, "anna"))
    leave = trust.leave_for(ledger, asked(), NOON, DAY, classic())
    assert leave.level is expected
    assert leave.acts_at == (None if minutes is None else NOON + timedelta(minutes=minutes))
    assert leave.score == ONE


def test_a_veto_that_would_not_end_before_the_deadline_is_none() -> None:
    record = TrustRecord(50, Decimal(50), 50, Decimal(50), week=MONDAY)
    ledger = TrustLedger(records=TrustLedger().records.set(ENTRY, record))
    ledger = trust.with_switch(ledger, TrustAllowed(ENTRY, TrustLevel.MATURE, "anna"))
    for seconds, acts in ((299, False), (300, False), (301, True)):
        of = asked(expires_at=NOON + timedelta(seconds=seconds))
        leave = trust.leave_for(ledger, of, NOON, DAY, classic())
        assert (leave.acts_at is not None) is acts


def test_a_rulebook_without_trust_lets_it_do_nothing() -> None:
    rules = classic()
    bare = replace(rules, approvals=replace(rules.approvals, trust=None))
    of, event = asked(), measured("P-EW")
    ledger = TrustLedger(underway=TrustLedger().underway.set(of.id, trust.Underway(ENTRY, 1, ONE)))
    watching = replace(ledger, watched=ledger.watched.set(PositionId("lot"), ENTRY))
    assert trust.with_approval(TrustLedger(), of, granted(of), bare) == TrustLedger()
    assert trust.with_refusal(TrustLedger(), of, "anna", DAY, bare) == TrustLedger()
    assert trust.with_end(ledger, over(of), DAY, bare) == ledger
    assert trust.with_outcome(watching, event, DAY, bare) == watching
    assert trust.level_acting(ledger, ENTRY, DAY, bare) is TrustLevel.INITIAL
    leave = trust.leave_for(ledger, of, NOON, DAY, bare)
    assert (leave.level, leave.acts_at) == (TrustLevel.INITIAL, None)


# What can happen to one kind, as steps of a history: who, what, and how many days later.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["yes", "edit", "no", "policy", "trust", "void"]),
        st.integers(0, 30),
    ),
    max_size=40,
)


def played(steps: list[tuple[str, int]]) -> tuple[TrustLedger, date]:
    ledger, day = TrustLedger(), MONDAY
    for number, (what, days) in enumerate(steps):
        day += timedelta(days=days)
        if what == "no":
            ledger = no(ledger, day)
        elif what == "void":
            of = asked(number)
            ledger = trust.with_approval(ledger, of, granted(of), classic())
            ledger = trust.without(ledger, of.id)
        else:
            who = {"policy": "policy:all", "trust": "trust at level mature"}.get(what, "anna")
            changes = {"quantity": 1} if what == "edit" else {}
            ledger = yes(ledger, number, day, who, **changes)
    return ledger, day


@given(STEPS)
def test_the_same_history_earns_the_same(steps: list[tuple[str, int]]) -> None:
    assert played(steps) == played(steps)


@given(STEPS)
def test_a_score_is_a_part_of_one_and_counts_only_persons(steps: list[tuple[str, int]]) -> None:
    ledger, day = played(steps)
    record = ledger.record(ENTRY)
    assert 0 <= trust.score_of(record, day, RULES) <= 1
    assert record.decided == record.approved + record.edited + record.rejected
    assert record.decided == sum(what in ("yes", "edit", "no") for what, _ in steps)
    assert not ledger.underway


@given(STEPS, st.integers(0, 400), st.integers(0, 400))
def test_time_alone_never_earns_anything(
    steps: list[tuple[str, int]], first: int, more: int
) -> None:
    ledger, day = played(steps)
    record = ledger.record(ENTRY)
    soon, late = day + timedelta(days=first), day + timedelta(days=first + more)
    assert trust.score_of(record, late, RULES) <= trust.score_of(record, soon, RULES)
    assert level(record, late).rank <= level(record, soon).rank
    # Brought to a day in one step or in several, or twice, a record is the same.
    at_once = trust.brought_to(record, late, RULES)
    in_steps = trust.brought_to(trust.brought_to(record, soon, RULES), late, RULES)
    assert abs(at_once.agreed - in_steps.agreed) < Decimal("1e-20")
    assert trust.brought_to(at_once, late, RULES) == at_once
    assert trust.brought_to(at_once, soon, RULES) == at_once


@given(STEPS)
def test_a_yes_never_lowers_agreement_and_a_no_never_raises_it(
    steps: list[tuple[str, int]],
) -> None:
    ledger, day = played(steps)
    before = trust.brought_to(ledger.record(ENTRY), day, RULES).agreement
    assert yes(ledger, 999, day).record(ENTRY).agreement >= before
    assert no(ledger, day).record(ENTRY).agreement <= before


@given(STEPS, st.sampled_from(TrustLevel), st.integers(0, 200))
def test_trust_never_acts_above_the_level_earned_or_the_switch(
    steps: list[tuple[str, int]], switch: TrustLevel, days: int
) -> None:
    ledger, day = played(steps * 4)
    ledger = trust.with_switch(ledger, TrustAllowed(ENTRY, switch, "anna"))
    day += timedelta(days=days)
    acting = trust.level_acting(ledger, ENTRY, day, classic())
    earned = level(ledger.record(ENTRY), day)
    assert acting.rank == min(earned.rank, switch.rank)
    leave = trust.leave_for(ledger, asked(), NOON, day, classic())
    if min(earned.rank, switch.rank) < TrustLevel.MATURE.rank:
        assert leave.acts_at is None
    elif acting is TrustLevel.MATURE:
        assert leave.acts_at == NOON + timedelta(minutes=5)
    else:
        assert leave.acts_at == NOON
