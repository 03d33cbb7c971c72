"""The picture of trust: what was earned, what is wanting, and drawn only when it has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.approvals.trust import KINDS_OF_TRUST, TrustLedger, TrustRecord
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import TrustLevel
from allusedesk.engine.snapshot_trust import NO_PEOPLE, people_picture, trust_pictures
from allusedesk.engine.state import DeskState
from tests.trading import classic

MONDAY = date(2013, 2, 11)
ENTRY = ProposalKind.ENTRY
LATER = date(2013, 3, 4)


def ledger(decided: int, agreed: str, level: TrustLevel = TrustLevel.EXPERT) -> TrustLedger:
    record = TrustRecord(
        decided, Decimal(agreed), decided, Decimal(decided), approved=decided, week=MONDAY
    )
    empty = TrustLedger()
    return replace(
        empty, records=empty.records.set(ENTRY, record), switches=empty.switches.set(ENTRY, level)
    )


def test_a_kind_shows_what_it_has_earned_and_what_is_wanting() -> None:
    kinds = trust_pictures(ledger(60, "50"), MONDAY, classic())
    assert [one.kind for one in kinds] == list(KINDS_OF_TRUST)
    entry = next(one for one in kinds if one.kind is ENTRY)
    # 0.6 x 50/60 + 0.4 is 0.9: the score of an expert, and forty decisions short of one.
    assert entry.score == Decimal("0.9")
    assert (entry.level, entry.switch, entry.acting) == (
        TrustLevel.MATURE,
        TrustLevel.EXPERT,
        TrustLevel.MATURE,
    )
    assert entry.wanting == "expert: 40 more decided"
    assert entry.agreement == Decimal("0.8333")


def test_idle_weeks_are_taken_off_what_is_shown_and_nothing_is_rounded_up() -> None:
    [entry] = [
        one for one in trust_pictures(ledger(100, "100"), LATER, classic()) if one.kind is ENTRY
    ]
    assert (entry.idle_weeks, entry.score) == (2, Decimal("0.9604"))
    assert entry.wanting == ""
    low = next(
        one for one in trust_pictures(ledger(10, "4.9999"), MONDAY, classic()) if one.kind is ENTRY
    )
    assert low.score == Decimal("0.6999")
    assert low.wanting == "learning: a score of 0.70"


def test_a_picture_is_drawn_anew_only_when_something_of_it_changed() -> None:
    rules = classic()
    assert people_picture(DeskState()) == NO_PEOPLE
    state = DeskState(today=MONDAY, rulebook=rules, trust=ledger(60, "50"))
    first = people_picture(state)
    assert people_picture(replace(state, sequence=5), first) is first
    limited = people_picture(replace(state, second_above=Money(Decimal(7))), first)
    assert limited.second_above == Money(Decimal(7))
    assert limited.kinds is first.kinds
    later = people_picture(replace(state, today=LATER), first)
    assert later.kinds != first.kinds
    other = people_picture(replace(state, trust=ledger(61, "51")), first)
    assert other.kinds != first.kinds


def test_a_rulebook_without_trust_shows_no_kinds() -> None:
    rules = classic()
    bare = replace(rules, approvals=replace(rules.approvals, trust=None))
    assert trust_pictures(ledger(60, "50"), MONDAY, bare) == ()
