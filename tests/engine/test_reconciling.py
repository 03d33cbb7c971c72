"""Going on after a stop: looks, questions and orders left open, and statements that differ."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.inputs import AlarmRang, BrokerReported, DeskResumed, MarketSampled
from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerStatement, CashCharged, HeldAtBroker, OptionsExpired
from allusedesk.domain.proposals import ProposalKind
from tests.acceptance.desks import (
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    TUESDAY,
    kept_to_the_end,
    proposals,
    sound,
    stage,
)
from tests.acceptance.stage import Stage, at


def _resume(desk: Stage, clock: str, day: object = MONDAY) -> None:
    desk.clock._now = at(day, clock)  # type: ignore[arg-type]
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))


def test_a_look_that_a_crash_left_unanswered_is_taken_when_the_desk_is_back() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:46"))
    rang = next(e for e in desk.entries(AlarmRang) if "entry-rev" in e.event.alarm.id)
    del desk.record.entries[rang.sequence :]
    desk.broker = desk._broker(None)
    desk.door = desk.broker
    desk.broker.transfer_cash(Money(Decimal(desk.capital)))
    _resume(desk, "09:50")
    desk.play(at(MONDAY, "10:00"))

    [first, *_] = [e for e in desk.entries(MarketSampled) if e.sequence > rang.sequence]
    assert first.event.alarm == rang.event.alarm.id
    assert proposals(desk, ProposalKind.ENTRY)
    assert len(desk.all(ev.ConditionClassified)) == 1
    sound(desk)


def test_an_answered_look_is_not_taken_again() -> None:
    desk = stage()
    desk.play(at(MONDAY, "12:00"))
    _resume(desk, "12:10")
    desk.play(at(MONDAY, "12:20"))

    resumed = desk.entries(DeskResumed)[0].sequence
    assert not [e for e in desk.entries(MarketSampled) if e.sequence > resumed]
    assert desk.state.looks.get("nothing") is None


def test_a_question_left_open_is_asked_again_and_lapses_at_its_old_deadline() -> None:
    desk = stage()
    asked: list[str] = []
    desk.silent = lambda proposal: asked.append(proposal.id) is None
    desk.play(at(MONDAY, "10:00"))
    _resume(desk, "10:30")
    desk.play(at(MONDAY, "10:31"))
    assert asked == [proposals(desk)[0].id] * 2

    _resume(desk, "14:00")
    desk.play(at(MONDAY, "14:01"))
    assert [event.proposal for event in desk.all(ev.ProposalLapsed)] == [asked[0]]
    assert not desk.all(ev.OrderWritten)


def test_a_notice_told_twice_is_booked_once() -> None:
    desk = kept_to_the_end()
    desk.play(at(NEXT_MONDAY, "09:00"))
    told = [
        event.report
        for event in desk.all(BrokerReported)
        if isinstance(event.report, OptionsExpired)
    ]
    assert len(told) == 1
    desk.play(at(NEXT_MONDAY, "09:10"), BrokerReported(told[0]))

    assert len(desk.all(ev.ExpiryBooked)) == 1
    assert desk.all(ev.ReportIgnored)[-1].report == told[0].notice
    sound(desk)


def test_a_notice_that_was_never_told_is_found_on_the_statement() -> None:
    desk = kept_to_the_end()
    desk.play(at(FRIDAY, "18:00"))
    inner = desk.broker

    class Mute:
        """Forgets to tell the notices of the morning."""

        def __getattr__(self, name: str) -> object:
            return getattr(inner, name)

        def advance(self, to: object) -> list[object]:
            told = inner.advance(to)  # type: ignore[arg-type]
            return [report for report in told if not isinstance(report, OptionsExpired)]

    desk.door = Mute()
    desk.stop_and_resume()
    desk.play(at(NEXT_MONDAY, "09:00"))

    [found] = desk.all(ev.DifferenceFound)
    assert "notice" in found.what
    assert len(desk.all(ev.ExpiryBooked)) == 1
    sound(desk)


def test_positions_that_nothing_explains_stop_the_desk_in_audit() -> None:
    desk = kept_to_the_end()
    desk.play(at(TUESDAY, "12:00"))
    right = desk.broker.statement()
    put = right.held[0]
    wrong = replace(right, held=(HeldAtBroker(put.instrument, put.quantity_signed - 1),))
    desk.play(at(TUESDAY, "12:05"), BrokerReported(wrong))

    [difference] = desk.all(ev.DifferenceFound)
    assert difference.stops
    assert str(put.quantity_signed) in (difference.ours, difference.theirs)
    assert desk.state.halted_by
    states = {sleeve.state for sleeve in desk.state.sleeves.values()}
    assert states == {ev.SleeveState.AUDIT}

    # The turn of the week is no person: the desk stays where it was stopped.
    desk.play(at(NEXT_MONDAY, "16:05"))
    assert {sleeve.state for sleeve in desk.state.sleeves.values()} == {ev.SleeveState.AUDIT}
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1


def test_a_fee_is_booked_once_whether_it_is_told_or_found() -> None:
    for is_told in (True, False):
        desk = stage()
        desk.play(at(TUESDAY, "09:00"))
        right: BrokerStatement = desk.broker.statement()
        fee = CashCharged("fee-1", TUESDAY, Money(Decimal("-120.05")), "fee (ORF)")
        theirs = replace(right, cash=right.cash + fee.amount, notices=(*right.notices, fee))
        if is_told:
            desk.play(at(TUESDAY, "09:01"), BrokerReported(fee))
        for minute in ("09:05", "09:06"):
            desk.play(at(TUESDAY, minute), BrokerReported(replace(theirs, as_of=desk.clock.now())))
        [booked] = desk.all(ev.ChargeBooked)
        assert sum(move.amount.amount for move in booked.booking.cash) == Decimal("-120.05")
        assert not desk.state.halted_by
        assert desk.state.booked_notices.get("fee-1") == TUESDAY
        assert [found.what for found in desk.all(ev.DifferenceFound)] == (
            [] if is_told else ["notice fee-1"]
        )


def test_a_fee_of_the_day_the_desk_began_is_in_its_first_cash() -> None:
    desk = stage()
    desk.play(at(TUESDAY, "09:00"))
    [family] = desk.state.book.families.values()
    old = CashCharged("fee-0", family.opened_on, Money(Decimal("-3.00")), "fee (ORF)")
    right: BrokerStatement = desk.broker.statement()
    desk.play(at(TUESDAY, "09:05"), BrokerReported(replace(right, notices=(old,))))
    assert not desk.all(ev.DifferenceFound)
    desk.play(at(TUESDAY, "09:06"), BrokerReported(old))
    assert "first cash" in desk.all(ev.ReportIgnored)[-1].reason
    assert not desk.all(ev.ChargeBooked)


def test_a_few_cents_are_noted_and_a_hundred_dollars_stop() -> None:
    for off, stops in (("99.99", False), ("100.00", True)):
        desk = stage()
        desk.play(at(MONDAY, "09:00"))
        right: BrokerStatement = desk.broker.statement()
        wrong = replace(right, cash=right.cash + Money(Decimal(off)))
        desk.play(at(MONDAY, "09:05"), BrokerReported(wrong))
        assert bool(desk.state.halted_by) is stops
