"""Weeks of persons who switch, sign, refuse and restart at random: what trust never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.approvals.four_eyes import limit_in_force, needs_second
from allusedesk.approvals.trust import NEVER_BY_TRUST, level_acting
from allusedesk.domain import events as ev
from allusedesk.domain.inputs import Answer, DeskResumed, Mode, OperatorDecided
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.trust import TRUST, SecondSignatureSet, TrustLevel, TrustSwitched
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.fold import fold
from allusedesk.engine.replay import replay
from allusedesk.engine.state import DeskState
from tests.acceptance.desks import COM, FRIDAY, GEN, NEXT_MONDAY, REV, stage
from tests.acceptance.stage import Stage, at
from tests.acceptance.test_trust import easy_text

PERSONS = st.sampled_from(["anna", "ben", "Anna "])
LIMITS = st.sampled_from([None, "1000", "9000", "10000000"])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("switch"),
            st.sampled_from([ProposalKind.ENTRY, ProposalKind.ADJUSTMENT, ProposalKind.RESUME]),
            st.sampled_from(TrustLevel),
        ),
        st.tuples(st.just("limit"), LIMITS, PERSONS),
        st.tuples(st.just("answer"), st.sampled_from(Answer), PERSONS),
        st.tuples(st.just("restart"), st.integers(0, 20), st.none()),
        st.tuples(st.just("move"), st.sampled_from(["97", "99", "101", "104"]), st.none()),
    ),
    min_size=4,
    max_size=12,
)


def lived(steps: list[tuple[str, object, object]], minutes: list[int]) -> Stage:
    """Two weeks: all is approved in the first; in the second these steps, minutes apart."""
    symbols = {GEN: (), REV: ("AAPL", "IBM"), COM: ()}
    desk = stage(symbols, rulebook=easy_text())
    desk.play(at(FRIDAY, "17:00"))
    desk.silent = lambda _proposal: True
    now = at(NEXT_MONDAY, "09:30")
    desk.play(now, TrustSwitched(ProposalKind.ENTRY, TrustLevel.MATURE, "anna"))
    for number, step in enumerate(steps):
        now += timedelta(minutes=minutes[number % len(minutes)])
        now = _take(desk, step, now)
    desk.play(now + timedelta(days=2))
    return desk


def _take(desk: Stage, step: tuple[str, object, object], now: datetime) -> datetime:
    what, one, other = step
    if what == "switch":
        desk.play(now, TrustSwitched(one, other, "anna"))  # type: ignore[arg-type]
    elif what == "limit":
        above = None if one is None else Money(Decimal(str(one)))
        desk.play(now, SecondSignatureSet(above, str(other)))
    elif what == "answer":
        cards = CardRack().cards(desk.state, desk.clock.now(), desk.quote)
        answers = []
        for card in cards[:1]:
            signed = card.people.signed
            digest = "" if signed is None else signed.seen.digest
            assert isinstance(one, Answer)
            given = OperatorDecided(card.proposal.id, one, str(other), "", card.terms)
            answers.append(replace(given, countersigns=digest))
        desk.play(now, *answers)
    elif what == "restart":
        desk.play(now)
        desk.stop_and_resume()
        now += timedelta(minutes=int(str(one)))
        desk.clock._now = now
        now += timedelta(minutes=1)
        desk.play(now, DeskResumed(desk.clock.now(), "test"))
    else:
        desk.play(now)
        desk.spots["AAPL"] = Decimal(str(one))
    return now


def check(desk: Stage) -> int:
    """Hold every approval of the record against what was known before it; returns trust's own."""
    state, by_trust = DeskState(), 0
    for entry in desk.record.entries:
        event = entry.event
        if isinstance(event, ev.ProposalApproved):
            ticket = state.tickets[event.proposal]
            limit = limit_in_force(state.second_above, state.rules)
            is_two = needs_second(ticket.proposal, event.quantity, limit)
            if event.granted_by.startswith(TRUST):
                by_trust += 1
                told = ticket.announced
                assert told is not None
                assert not is_two
                assert ticket.signed is None
                kind = ticket.proposal.kind
                assert kind not in NEVER_BY_TRUST
                acting = level_acting(state.trust, kind, state.day, state.rules)
                assert acting.rank >= told.level.rank >= TrustLevel.MATURE.rank
                assert told.acts_at <= entry.recorded_at < ticket.proposal.expires_at
                if told.level is TrustLevel.MATURE:
                    assert told.acts_at == told.seen.seen_at + timedelta(minutes=5)
            elif state.mode is not Mode.REHEARSAL and (is_two or ticket.signed is not None):
                names = {event.granted_by.strip().casefold(), event.countersigned_by.casefold()}
                assert len(names) == 2
                assert "" not in names
        elif isinstance(event, DeskResumed):
            announced = {name for name, one in state.tickets.items() if one.announced is not None}
            state = fold(state, entry)
            assert {e.proposal for e in desk.all(ev.AnnouncementWithdrawn)} >= {
                name for name in announced if not state.tickets[name].is_approved
            }
            continue
        state = fold(state, entry)
    return by_trust


@settings(max_examples=12)
@given(STEPS, st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_trust_never_goes_beyond_what_was_earned_switched_and_signed(
    steps: list[tuple[str, object, object]], minutes: list[int]
) -> None:
    desk = lived(steps, minutes)
    check(desk)
    verdict = replay(desk.record.entries)
    assert verdict.is_same, verdict.first_difference


def test_left_alone_it_approves_both_entries_by_itself() -> None:
    assert check(lived([("move", "101", None)], [5])) >= 2
