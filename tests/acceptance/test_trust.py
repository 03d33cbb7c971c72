"""Trust that was earned acts as far as a person let it, and any doubt puts it back to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import (
    Answer,
    DeskResumed,
    Instruction,
    Mode,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import SecondSignatureSet, TrustLevel, TrustSwitched
from allusedesk.engine.card_people import NOBODY, CardPeople
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.reopening import reopened
from allusedesk.engine.replay import replay
from allusedesk.engine.state_text import read_state, write_state
from tests.acceptance.desks import COM, FRIDAY, GEN, MONDAY, NEXT_MONDAY, REV, stage
from tests.acceptance.stage import Stage, at
from tests.simulation.world import classic_text

ENTRY = ProposalKind.ENTRY


def easy_text() -> str:
    """The classic rulebook with levels that one decided proposal reaches."""
    text = classic_text()
    for asked in ("10, score_min = 0.70", "50, score_min = 0.80", "100, score_min = 0.90"):
        assert asked in text
        text = text.replace(asked, "1, score_min = 0.50")
    return text


def switched(level: TrustLevel, kind: ProposalKind = ENTRY) -> TrustSwitched:
    return TrustSwitched(kind, level, "anna", "it has shown itself")


def earned(level: TrustLevel, *extra: object, text: str = "") -> Stage:
    """A desk whose entries have earned every level; from Friday on nobody answers."""
    desk = stage(rulebook=text or easy_text())
    desk.play(at(FRIDAY, "17:00"))
    desk.silent = lambda _proposal: True
    desk.play(at(FRIDAY, "17:01"), switched(level), *extra)  # type: ignore[arg-type]
    return desk


def entries_of(desk: Stage) -> list[ProposalId]:
    """The entries proposed since trust was switched on."""
    since = desk.entries(TrustSwitched)[0].sequence
    return [
        entry.event.proposal.id
        for entry in desk.entries(ev.ProposalMade)
        if entry.sequence > since and entry.event.proposal.kind is ENTRY
    ]


def approvals_of(desk: Stage, name: ProposalId) -> list[ev.ProposalApproved]:
    return [event for event in desk.all(ev.ProposalApproved) if event.proposal == name]


def same_again(desk: Stage) -> None:
    """A replay makes the very same record, and the state is in the record alone."""
    verdict = replay(desk.record.entries)
    assert verdict.is_same, verdict.first_difference
    assert reopened(desk.record.entries)[0] == desk.state
    assert read_state(write_state(desk.state)).trust == desk.state.trust


def test_learning_pre_ticks_and_a_person_decides() -> None:
    desk = earned(TrustLevel.LEARNING)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    [card] = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
    assert card.people.is_pre_ticked
    assert card.people.level is TrustLevel.LEARNING
    assert not card.people.announced
    desk.play(at(NEXT_MONDAY, "11:50"))
    assert not approvals_of(desk, name)
    assert [event.proposal for event in desk.all(ev.ProposalLapsed)].count(name) == 1
    same_again(desk)


def test_mature_approves_after_five_minutes_unless_somebody_says_no() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    [told] = desk.all(ev.ApprovalAnnounced)
    assert told.acts_at == at(NEXT_MONDAY, "09:50")
    assert told.seen.quotes
    desk.play(told.acts_at - timedelta(seconds=1))
    assert not approvals_of(desk, name)
    desk.play(at(NEXT_MONDAY, "09:52"))
    [granted] = approvals_of(desk, name)
    assert granted.granted_by == "trust at level mature"
    assert (granted.granted_at, granted.seen) == (told.acts_at, told.seen)
    assert [event.order.proposal for event in desk.all(ev.OrderWritten)][-1] == name
    same_again(desk)


def test_a_veto_is_a_no_with_its_reason_and_counts_as_disagreement() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    before = desk.state.trust.record(ENTRY)
    no = OperatorDecided(name, Answer.REJECT, "ben", "too near the report")
    desk.play(at(NEXT_MONDAY, "10:30"), no)
    assert not approvals_of(desk, name)
    declined = desk.all(ev.ProposalDeclined)[-1]
    assert (declined.proposal, declined.reason) == (name, "too near the report")
    after = desk.state.trust.record(ENTRY)
    assert (after.decided, after.rejected) == (before.decided + 1, before.rejected + 1)
    assert after.agreed == before.agreed
    assert f"trust/{name}" not in desk.state.alarms
    same_again(desk)


def test_expert_approves_at_once() -> None:
    desk = earned(TrustLevel.EXPERT)
    desk.play(at(NEXT_MONDAY, "09:45:01"))
    [name] = entries_of(desk)
    [granted] = approvals_of(desk, name)
    assert granted.granted_by == "trust at level expert"
    assert granted.granted_at == at(NEXT_MONDAY, "09:45")
    assert [event.order.proposal for event in desk.all(ev.OrderWritten)][-1] == name
    # What trust did by itself says nothing about what a person would have said.
    decided = desk.state.trust.record(ENTRY).decided
    desk.play(at(NEXT_MONDAY, "15:00"))
    assert desk.state.trust.record(ENTRY).decided == decided
    same_again(desk)


def test_trust_that_is_not_switched_on_does_nothing() -> None:
    desk = earned(TrustLevel.INITIAL)
    desk.play(at(NEXT_MONDAY, "09:52"))
    [name] = entries_of(desk)
    assert not desk.all(ev.ApprovalAnnounced)
    assert not approvals_of(desk, name)


def test_a_switch_goes_no_higher_than_what_was_earned() -> None:
    desk = earned(TrustLevel.MATURE, text=classic_text())
    [denied] = desk.all(ev.RequestDenied)
    assert denied.subject == "entry"
    assert denied.reason == "entry has earned initial so far, not mature"
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert not desk.all(ev.ApprovalAnnounced)


@pytest.mark.parametrize("kind", [ProposalKind.RESUME, ProposalKind.EMERGENCY_EXIT])
def test_a_reset_and_an_exit_are_never_trust_s_to_allow(kind: ProposalKind) -> None:
    desk = stage(rulebook=easy_text())
    desk.play(at(MONDAY, "08:00"), switched(TrustLevel.LEARNING, kind))
    assert "always a person's to allow" in desk.all(ev.RequestDenied)[0].reason
    assert not desk.all(ev.TrustAllowed)


def test_a_policy_switches_nothing_and_an_old_rulebook_trusts_nothing() -> None:
    desk = stage(rulebook=easy_text())
    of_policy = replace(switched(TrustLevel.LEARNING), operator="policy:all")
    desk.play(at(MONDAY, "08:00"), of_policy)
    assert desk.all(ev.RequestDenied)[0].reason == "only a person switches trust"
    older = classic_text()
    older = older[: older.index("[approvals.trust]")]
    desk = stage(rulebook=older)
    desk.play(at(FRIDAY, "17:00"), switched(TrustLevel.LEARNING))
    assert "lets trust act for nothing" in desk.all(ev.RequestDenied)[0].reason
    assert not desk.state.trust.records


def test_above_the_four_eyes_limit_trust_is_silent() -> None:
    limit = SecondSignatureSet(Money(Decimal(1_000)), "anna")
    desk = earned(TrustLevel.EXPERT, limit)
    desk.play(at(NEXT_MONDAY, "09:52"))
    [name] = entries_of(desk)
    assert not desk.all(ev.ApprovalAnnounced)
    assert not approvals_of(desk, name)


def test_a_limit_that_comes_during_the_veto_hands_it_to_two_persons() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    desk.play(at(NEXT_MONDAY, "09:52"), SecondSignatureSet(Money(Decimal(1_000)), "anna"))
    assert "signatures of two" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert not approvals_of(desk, entries_of(desk)[0])


def test_switched_off_during_the_veto_it_waits_for_a_person() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    desk.play(at(NEXT_MONDAY, "09:47"), switched(TrustLevel.INITIAL))
    assert f"trust/{name}" not in desk.state.alarms
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert "anna switched trust to initial" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert not approvals_of(desk, name)
    assert name in desk.state.tickets


def test_a_no_that_lowers_the_level_takes_back_what_was_announced() -> None:
    text = classic_text()
    for asked in ("10, score_min = 0.70", "50, score_min = 0.80", "100, score_min = 0.90"):
        text = text.replace(asked, "1, score_min = 0.90")
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()}, rulebook=text)
    desk.play(at(FRIDAY, "17:00"))
    desk.silent = lambda _proposal: True
    desk.play(at(NEXT_MONDAY, "08:30"), switched(TrustLevel.MATURE))
    assert desk.all(ev.TrustAllowed)
    desk.play(at(NEXT_MONDAY, "09:46"))
    first, second = entries_of(desk)
    desk.play(at(NEXT_MONDAY, "09:52"), OperatorDecided(first, Answer.REJECT, "ben", "no"))
    [taken] = desk.all(ev.AnnouncementWithdrawn)
    assert taken.proposal == second
    assert taken.reason == "trust may not act at level mature any more"
    assert not approvals_of(desk, second)


def test_after_a_stop_nothing_is_approved_that_nobody_could_refuse() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    assert desk.state.tickets[name].announced
    desk.stop_and_resume()
    assert desk.state.tickets[name].announced
    # The desk comes back when the veto's time is over.
    desk.clock._now = at(NEXT_MONDAY, "09:58")
    desk.play(at(NEXT_MONDAY, "10:00"), DeskResumed(desk.clock.now(), "test"))
    assert "the desk was away" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert not approvals_of(desk, name)


def test_a_person_may_say_yes_before_trust_does() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [card] = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
    assert card.people.announced
    yes = OperatorDecided(card.proposal.id, Answer.APPROVE, "ben", seen=card.terms)
    desk.play(at(NEXT_MONDAY, "10:30"), yes)
    [granted] = approvals_of(desk, card.proposal.id)
    assert granted.granted_by == "ben"
    assert not desk.all(ev.AnnouncementWithdrawn)
    same_again(desk)


def test_the_kill_switch_ends_what_was_announced() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    desk.play(
        at(NEXT_MONDAY, "10:00"), OperatorInstructed(Instruction.KILL, "anna", "I want to look")
    )
    assert not approvals_of(desk, name)
    assert name not in desk.state.tickets


def test_prices_that_left_the_band_during_the_veto_void_what_trust_approved() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    told = desk.all(ev.ApprovalAnnounced)[0]
    leg = desk.state.tickets[name].proposal.legs[0].instrument
    desk.special[leg] = {"mid": round(told.seen.price.per_unit * Decimal("1.3"), 2)}
    desk.play(at(NEXT_MONDAY, "09:52"))
    voided = [event for event in desk.all(ev.ProposalVoided) if event.proposal == name]
    assert [event.rule for event in voided] == ["seen.price"]
    # Asked again, trust announces again, on what the market shows now.
    assert len(desk.all(ev.ApprovalAnnounced)) == 2
    same_again(desk)


def test_no_entry_is_trust_s_while_its_sleeve_is_at_its_greatest_drawdown() -> None:
    desk = earned(TrustLevel.EXPERT)
    account = desk.all(ev.ProposalMade)[0].proposal.account
    sleeve = desk.state.sleeves[account]
    desk.engine.state = desk.state.with_sleeve(replace(sleeve, drawdown=Decimal("0.99")))
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert not desk.all(ev.ApprovalAnnounced)


def test_a_live_desk_that_nobody_armed_is_not_traded_by_trust() -> None:
    desk = earned(TrustLevel.EXPERT)
    desk.engine.state = replace(desk.state, mode=Mode.LIVE)
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert entries_of(desk)
    assert not desk.all(ev.ApprovalAnnounced)

    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    desk.engine.state = replace(desk.state, mode=Mode.LIVE)
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert "not armed" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert not approvals_of(desk, entries_of(desk)[0])


def test_a_halt_or_a_deep_drawdown_during_the_veto_leaves_it_to_a_person() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    [name] = entries_of(desk)
    account = desk.state.tickets[name].proposal.account
    calm = desk.state
    desk.engine.state = replace(calm, halted_by="VIX above 65")
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert "the desk is halted" in desk.all(ev.AnnouncementWithdrawn)[0].reason

    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    sleeve = replace(desk.state.sleeves[account], drawdown=Decimal("0.5"))
    desk.engine.state = desk.state.with_sleeve(sleeve)
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert "greatest drawdown" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert not approvals_of(desk, name)


def test_stale_quotes_keep_trust_from_speaking() -> None:
    desk = earned(TrustLevel.EXPERT)
    desk.figures.age_seconds = 45.0
    desk.play(at(NEXT_MONDAY, "09:52"))
    assert not desk.all(ev.ApprovalAnnounced)


def test_a_first_signature_takes_the_word_from_trust() -> None:
    desk = earned(TrustLevel.MATURE)
    desk.play(at(NEXT_MONDAY, "09:46"))
    desk.play(at(NEXT_MONDAY, "09:47"), SecondSignatureSet(Money(Decimal(1_000)), "anna"))
    [card] = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
    yes = OperatorDecided(card.proposal.id, Answer.APPROVE, "ben", seen=card.terms)
    desk.play(at(NEXT_MONDAY, "09:48"), yes)
    assert desk.all(ev.ProposalSigned)[0].operator == "ben"
    assert "ben has signed it" in desk.all(ev.AnnouncementWithdrawn)[0].reason
    assert f"trust/{card.proposal.id}" not in desk.state.alarms
    desk.play(at(NEXT_MONDAY, "09:55"))
    assert not approvals_of(desk, card.proposal.id)


def test_an_open_card_follows_the_switch_and_the_limit() -> None:
    desk, rack = earned(TrustLevel.INITIAL), CardRack()

    def people() -> CardPeople:
        [card] = rack.cards(desk.state, desk.clock.now(), desk.quote)
        return card.people

    desk.play(at(NEXT_MONDAY, "09:46"))
    assert people() == NOBODY
    desk.play(at(NEXT_MONDAY, "09:47"), switched(TrustLevel.LEARNING))
    assert people().is_pre_ticked
    desk.play(at(NEXT_MONDAY, "09:48"), SecondSignatureSet(Money(Decimal(1_000)), "anna"))
    assert people().needs_second
    assert not people().is_pre_ticked
