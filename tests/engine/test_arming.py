"""A live desk sends nothing until a checklist that holds was judged, and stops at any doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.arming import (
    STRATEGIES,
    ArmedBy,
    ArmingEvidence,
    ArmingRequested,
    DisarmingRequested,
    PaperWeek,
    StrategyPermission,
    TraderDeclaration,
    confirmation_of,
)
from allusedesk.domain.commands import ReplaceOrder, SubmitOrder
from allusedesk.domain.identifiers import ProposalId
from allusedesk.domain.inputs import (
    Answer,
    BrokerReported,
    CapitalDeposited,
    DeskOpened,
    DeskResumed,
    Input,
    Instruction,
    Mode,
    OperatorDecided,
    OperatorInstructed,
)
from allusedesk.domain.money import Money
from allusedesk.domain.orders import BrokerStatement, HeldAtBroker, LinkChanged, OrderStatus
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.card_rack import CardRack
from allusedesk.engine.reopening import reopened
from allusedesk.engine.state import DeskState
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.engine.step import step
from tests.acceptance.constitution_desks import fall_to, with_put
from tests.acceptance.desks import MONDAY, WEDNESDAY
from tests.acceptance.stage import FAMILY, Stage, at
from tests.simulation.world import Weeks
from tests.trading import put

DECLARATION = TraderDeclaration(
    tuple(StrategyPermission(name, 2) for name in STRATEGIES),
    "individual, cash",
    date(2011, 5, 1),
    is_own_money=True,
)
WEEKS = (PaperWeek(WeekId(2012, 1), "paper", "aa"), PaperWeek(WeekId(2012, 2), "paper", "aa"))


class LiveStage(Stage):
    """A desk with real rules and a stage broker that believes to be live."""

    def open(self) -> None:
        self.engine = self.desk(DeskState())
        first = self.sessions[0].date
        self.engine.inbox.admit(
            DeskOpened(Mode.LIVE, "classic", self.text, self.symbols, "SPX", 1, "a stage")
        )
        amount = Money(Decimal(self.capital))
        self.engine.inbox.admit(CapitalDeposited(FAMILY, amount, first))
        self.engine.inbox.admit(Weeks().week_after(first - timedelta(days=1)))
        self.broker.transfer_cash(amount)
        self.broker.on_market(self.clock.now(), self.quote)
        self.engine.inbox.admit(BrokerReported(LinkChanged(is_up=True)))

    def ask(self, proposal: Proposal) -> OperatorDecided | None:
        """A person at the screen, who answers at once on the card that is shown."""
        return self.answer(proposal.id)

    def answer(self, name: ProposalId) -> OperatorDecided:
        cards = CardRack().cards(self.state, self.clock.now(), self.quote)
        terms = next((card.terms for card in cards if card.proposal.id == name), None)
        return OperatorDecided(name, Answer.APPROVE, "Ann", seen=terms)

    def request(self, **changes: Any) -> ArmingRequested:
        return ArmingRequested(
            "Ann",
            changes.pop("typed", confirmation_of("DU1")),
            changes.pop("declaration", DECLARATION),
            replace(evidence(self), **changes),
        )

    def arm_desk(self, **changes: Any) -> None:
        self.play(self.clock.now(), self.request(**changes))


def evidence(desk: Stage) -> ArmingEvidence:
    return ArmingEvidence(
        measured_at=desk.clock.now(),
        is_line_up=True,
        account="DU1",
        is_paper=False,
        margin_kind="cash",
        options_level=2,
        clock_offset_seconds=0.2,
        quote_age_seconds=1.0,
        entries_verified=10,
        chain_head="ab" * 32,
        journal_fault="",
        paper_weeks=WEEKS,
        is_unlocked=True,
    )


def live_stage(clock: str = "09:31", *, is_kill_tested: bool = True) -> LiveStage:
    symbols = {
        AccountKind.GENERATION: (),
        AccountKind.REVENUE: ("AAPL",),
        AccountKind.COMPOUNDING: (),
    }
    desk = LiveStage(MONDAY, {"AAPL": "100", "SPX": "1300"}, symbols)
    desk.play(at(MONDAY, "08:00"))
    if is_kill_tested:
        kill = OperatorInstructed(Instruction.KILL, "Ann", "the week's test")
        reset = OperatorInstructed(Instruction.RESET, "Ann", "tested")
        desk.play(at(MONDAY, "08:01"), kill, reset)
    desk.play(at(MONDAY, clock))
    return desk


def armed(clock: str = "09:31") -> LiveStage:
    desk = live_stage(clock)
    desk.arm_desk()
    assert desk.all(ev.ArmingRefused) == []
    assert desk.state.armed is not None
    return desk


def test_an_armed_desk_trades_and_names_who_armed_it_for_which_account() -> None:
    desk = armed()
    desk.play(at(MONDAY, "10:00"))
    assert desk.all(ev.OrderWritten)
    [told] = desk.all(ev.LiveArmed)
    assert (told.operator, told.account, told.is_paper) == ("Ann", "DU1", False)
    assert all(line.passed and line.evidence for line in told.lines)


def test_an_unarmed_desk_proposes_but_takes_no_yes_and_sends_nothing() -> None:
    desk = live_stage()
    desk.play(at(MONDAY, "10:00"))
    assert desk.all(ev.ProposalMade)
    assert desk.all(ev.OrderWritten) == []
    assert "not armed" in desk.all(ev.AnswerIgnored)[0].reason
    assert all(not ticket.is_approved for ticket in desk.state.tickets.values())
    # Once armed the same question can still be answered.
    desk.arm_desk()
    [open_one, *_] = desk.state.tickets
    desk.play(at(MONDAY, "10:05"), desk.answer(open_one))
    assert desk.all(ev.OrderWritten)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"is_line_up": False}, "broker reachable"),
        ({"account": "", "typed": "LIVE "}, "broker reachable"),
        ({"is_paper": None}, "broker reachable"),
        ({"clock_offset_seconds": 1.01}, "clock"),
        ({"clock_offset_seconds": None}, "clock"),
        ({"quote_age_seconds": 31.0}, "data fresh"),
        ({"quote_age_seconds": None}, "data fresh"),
        ({"journal_fault": "Entry 3 is not as it was written."}, "journal verified"),
        ({"entries_verified": 0}, "journal verified"),
        ({"paper_weeks": WEEKS[:1]}, "clean paper weeks"),
        ({"paper_weeks": (WEEKS[0], WEEKS[0])}, "clean paper weeks"),
        ({"is_unlocked": False}, "lock passphrase"),
        ({"typed": "live DU1"}, "typed confirmation"),
        ({"typed": "LIVE DU2"}, "typed confirmation"),
        ({"options_level": 1}, "options level for each strategy"),
        (
            {"declaration": replace(DECLARATION, permissions=DECLARATION.permissions[:2])},
            "options level for each strategy",
        ),
        ({"declaration": replace(DECLARATION, profile=" ")}, "account profile"),
        (
            {"declaration": replace(DECLARATION, disclosure_on=None)},
            "options disclosure received",
        ),
        (
            {"declaration": replace(DECLARATION, disclosure_on=date(2099, 1, 1))},
            "options disclosure received",
        ),
        (
            {"declaration": replace(DECLARATION, is_own_money=False)},
            "own money or an adviser's word",
        ),
    ],
)
def test_each_line_alone_keeps_the_desk_unarmed(changes: dict[str, Any], line: str) -> None:
    desk = live_stage()
    desk.arm_desk(**changes)
    assert desk.state.armed is None
    [refused] = desk.all(ev.ArmingRefused)
    failed = [one.name for one in refused.lines if not one.passed]
    assert line in failed
    assert set(failed) <= {line, "typed confirmation"}


def test_an_advisers_word_stands_for_money_of_others() -> None:
    desk = live_stage()
    desk.arm_desk(declaration=replace(DECLARATION, is_own_money=False, adviser="B. Counsel"))
    assert desk.state.armed is not None


def test_a_practice_account_needs_no_weeks_on_paper_for_it_is_paper() -> None:
    desk = live_stage()
    desk.arm_desk(is_paper=True, paper_weeks=())
    assert desk.state.armed is not None
    assert desk.state.armed.is_paper


def test_what_the_record_says_counts_too() -> None:
    never_killed = live_stage(is_kill_tested=False)
    never_killed.arm_desk()
    [refused] = never_killed.all(ev.ArmingRefused)
    assert [one.name for one in refused.lines if not one.passed] == ["kill switch tested this week"]

    halted = live_stage()
    halted.play(
        halted.clock.now(), OperatorInstructed(Instruction.KILL, "Ann", "again"), halted.request()
    )
    failed = [one.name for one in halted.all(ev.ArmingRefused)[0].lines if not one.passed]
    assert failed == ["book and broker agree"]

    old = live_stage()
    old.arm_desk(measured_at=old.clock.now() - timedelta(seconds=61))
    failed = [one.name for one in old.all(ev.ArmingRefused)[0].lines if not one.passed]
    assert failed == ["measured now"]


def test_a_paper_desk_is_never_armed() -> None:
    desk = Stage(MONDAY, {"AAPL": "100", "SPX": "1300"}, {AccountKind.REVENUE: ("AAPL",)})
    desk.play(at(MONDAY, "08:00"))
    event = ArmingRequested("Ann", "LIVE DU1", DECLARATION, evidence(desk))
    desk.play(at(MONDAY, "08:01"), event)
    assert desk.state.armed is None
    assert desk.all(ev.LiveArmed) == []


def _lost_position(desk: LiveStage) -> Input:
    held = (HeldAtBroker(put(90), -1),)
    cash = desk.broker.statement().cash
    return BrokerReported(BrokerStatement(desk.clock.now(), cash, held, ()))


@pytest.mark.parametrize(
    "doubt",
    [
        lambda _: DisarmingRequested("Ann", "done for today"),
        lambda _: OperatorInstructed(Instruction.KILL, "Ann", "stop"),
        _lost_position,
        lambda desk: DeskResumed(desk.clock.now(), "a test"),
    ],
    ids=["a person's word", "kill switch", "a difference", "a restart"],
)
def test_any_doubt_disarms_for_good(doubt: Any) -> None:
    desk = armed()
    desk.play(desk.clock.now(), doubt(desk))
    assert desk.state.armed is None
    assert len(desk.all(ev.LiveDisarmed)) == 1
    # Nothing but a person arms it again: not even a clean comparison.
    desk.play(at(MONDAY, "16:30"))
    assert desk.state.armed is None
    assert desk.all(ev.OrderWritten) == []


def test_cents_and_an_order_on_its_way_cast_no_doubt() -> None:
    desk = armed()
    statement = desk.broker.statement()
    off = replace(statement, cash=statement.cash + Money(Decimal("0.07")))
    desk.play(desk.clock.now(), BrokerReported(off))
    assert desk.all(ev.DifferenceFound)
    assert desk.state.armed is not None


def test_a_lost_line_leaves_it_armed_and_sends_nothing_until_it_is_back() -> None:
    desk = armed()
    desk.play(desk.clock.now(), BrokerReported(LinkChanged(is_up=False, reason="a plug")))
    assert desk.state.armed is not None
    assert desk.state.compared_at is None
    desk.play(at(MONDAY, "10:00"))
    assert desk.all(ev.OrderWritten) == []


def test_disarming_takes_resting_openings_back() -> None:
    desk = armed()
    desk.figures.half_spread = Decimal(0)
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=200_000))
    resting = [order.id for order in desk.state.orders.values()]
    assert resting
    desk.play(at(MONDAY, "09:45:05"), DisarmingRequested("Ann", "enough"))
    assert {desk.state.orders_over[name].status for name in resting} == {OrderStatus.CANCELLED}
    desk.play(at(MONDAY, "15:00"))
    assert len(desk.all(ev.OrderWritten)) == len(resting)


def test_the_state_keeps_its_arming_as_text_and_a_restart_does_not_trust_it() -> None:
    desk = armed()
    kept = read_state(write_state(desk.state))
    assert kept == desk.state
    state, _ = reopened(desk.record.entries)
    assert state.armed is not None
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(MONDAY, "09:40"))
    assert desk.state.armed is None
    assert "started again" in desk.all(ev.LiveDisarmed)[0].reason


def test_an_exit_waits_for_arming_and_calls_a_person() -> None:
    desk, strike = with_put()
    desk.engine.state = replace(desk.state, mode=Mode.LIVE)
    sent = len(desk.all(ev.OrderWritten))
    fall_to(desk, strike - 6)
    desk.play(at(WEDNESDAY, "14:00"))
    made = [one.proposal for one in desk.all(ev.ProposalMade)]
    exits = [one for one in made if one.kind is ProposalKind.EMERGENCY_EXIT]
    assert len(exits) == 1
    assert len(desk.all(ev.OrderWritten)) == sent
    calls = [one for one in desk.all(ev.NoticeRaised) if one.subject.startswith("unarmed/")]
    assert [one.severity for one in calls] == ["alarm"]

    by = ArmedBy("Ann", "DU1", is_paper=False, armed_at=desk.clock.now())
    desk.engine.state = replace(desk.state, armed=by)
    desk.play(at(WEDNESDAY, "14:01"))
    [written] = desk.all(ev.OrderWritten)[sent:]
    assert written.order.proposal == exits[0].id


_DOINGS = st.sampled_from(["arm", "disarm", "kill", "reset", "lost", "back", "restart", "wait"])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(_DOINGS, st.integers(1, 40)), max_size=8))
def test_no_order_ever_leaves_an_unarmed_desk(doings: list[tuple[str, int]]) -> None:
    desk = live_stage("09:40")
    for doing, minutes in doings:
        desk.play(desk.clock.now(), *_inputs(desk, doing))
        desk.play(desk.clock.now() + timedelta(minutes=minutes))
    state = DeskState()
    for entry in desk.record.entries:
        if not entry.is_input:
            continue
        result = step(state, entry)
        sent = [one for one in result.commands if isinstance(one, SubmitOrder | ReplaceOrder)]
        assert not sent or result.state.may_send
        state = result.state


def _inputs(desk: LiveStage, doing: str) -> tuple[Input, ...]:
    match doing:
        case "arm":
            return (desk.request(),)
        case "disarm":
            return (DisarmingRequested("Ann", "a test"),)
        case "kill" | "reset":
            return (OperatorInstructed(Instruction(doing), "Ann", "a test"),)
        case "lost" | "back":
            return (BrokerReported(LinkChanged(is_up=doing == "back")),)
        case "restart":
            return (DeskResumed(desk.clock.now(), "a test"),)
    return ()
