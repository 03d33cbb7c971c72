"""Section 15 of the protocol, for classic: each check by its id, on a simulated stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountKind, account_id
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.identifiers import OrderId
from allusedesk.domain.inputs import (
    BrokerReported,
    DeskResumed,
    Instruction,
    OperatorInstructed,
)
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, Price, total
from allusedesk.domain.orders import (
    LinkChanged,
    OptionsAssigned,
    Order,
    OrderLookedUp,
    OrderStanding,
    OrderStatus,
)
from allusedesk.domain.proposals import ProposalKind, TurnedDown
from allusedesk.domain.weeks import WeekId
from allusedesk.portfolio.projection import project_original
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.schedule import alarms_of_week, closing_window
from allusedesk.risk.limits import Standing, judge
from tests import trading
from tests.acceptance.stage import CENT, FAMILY, Stage, at
from tests.simulation.invariants import Watcher
from tests.simulation.world import World, calendar, classic_text, run, sample_history, sessions_from

GEN, REV, COM = AccountKind.GENERATION, AccountKind.REVENUE, AccountKind.COMPOUNDING
F1_GEN, F1_REV, F1_COM = (account_id(FAMILY, kind) for kind in (GEN, REV, COM))
MONDAY = date(2013, 1, 28)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in range(1, 5))
NEXT_MONDAY = MONDAY + timedelta(days=7)
REV_ONLY = {GEN: (), REV: ("AAPL",), COM: ()}


def stage(symbols: dict[AccountKind, tuple[str, ...]] | None = None, **changes: Any) -> Stage:
    spots = changes.pop("spots", {"AAPL": "100", "IBM": "100"})
    return Stage(MONDAY, spots, symbols or REV_ONLY, **changes)


def kept_to_the_end() -> Stage:
    """A desk whose person answers no proposal to close, so that options run to their expiry."""
    desk = stage()
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    return desk


def refusals(of: Stage, account: str = F1_REV) -> list[TurnedDown]:
    return [
        item
        for event in (*of.all(ev.EntriesWeighed), *of.all(ev.PositionsWeighed))
        if event.account == account
        for item in event.turned_down
    ]


def rules_refused(of: Stage, account: str = F1_REV) -> set[str]:
    return {item.rule for item in refusals(of, account)}


def proposals(of: Stage, *kinds: ProposalKind) -> list[Any]:
    return [e.proposal for e in of.all(ev.ProposalMade) if not kinds or e.proposal.kind in kinds]


def sound(of: Stage) -> Watcher:
    """The record keeps every invariant, and the book is the broker's."""
    watcher = of.watched()
    watcher.check_weeks()
    watcher.check_broker(of.broker.statement())
    assert not of.state.halted_by
    return watcher


# A1: entries.


def test_a1_the_same_cycle_again_makes_no_second_order() -> None:
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()})
    # No put of IBM can be sold at first, so its looks go on after AAPL was entered.
    for strike in range(60, 140):
        contract = OptionContract("IBM", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"open_interest": 0}
    desk.when(at(TUESDAY, "12:00"), desk.special.clear)
    desk.play(at(WEDNESDAY, "15:30"))

    looks = [entry for entry in desk.entries(ev.EntriesWeighed) if entry.event.account == F1_REV]
    entered = [p.legs[0].instrument.underlying for p in proposals(desk, ProposalKind.ENTRY)]
    assert len(looks) > 1
    assert sorted(entered) == ["AAPL", "IBM"]
    assert "cycle.entered" in rules_refused(desk)


def test_a1d_a_lot_beyond_the_cap_is_unaffordable_and_its_money_goes_to_the_others() -> None:
    desk = stage({GEN: (), REV: ("AAPL", "IBM"), COM: ()}, spots={"AAPL": "100", "IBM": "480"})
    desk.play(at(MONDAY, "11:00"))

    told = [item for item in refusals(desk) if item.rule == "lot.unaffordable"]
    [entry] = proposals(desk, ProposalKind.ENTRY)
    assert told[0].candidate.startswith("IBM")
    assert "sleeve of" in told[0].reason or "sleeve" in told[0].reason
    assert entry.legs[0].instrument.underlying == "AAPL"
    # Half the sleeve's deployment would buy four lots; alone the symbol gets up to the issuer cap.
    assert entry.quantity > 4


# A4, and what follows an assignment.


def test_a4_shares_put_to_us_carry_a_call_are_called_away_and_puts_come_back() -> None:
    desk = kept_to_the_end()
    desk.when(at(FRIDAY, "15:00"), lambda: desk.spots.update(AAPL=Decimal(96)))
    desk.play(at(NEXT_MONDAY, "12:00"))

    [assigned] = desk.all(ev.AssignmentBooked)
    [call] = proposals(desk, ProposalKind.COVERED_CALL)
    assert call.legs[0].instrument.right is Right.CALL
    assert call.legs[0].instrument.strike == 96
    assert len(proposals(desk, ProposalKind.ENTRY)) == 1
    assert "assignment.calls_only" in rules_refused(desk)

    rise = at(NEXT_MONDAY + timedelta(days=4), "15:00")
    desk.when(rise, lambda: desk.spots.update(AAPL=Decimal(104)))
    desk.play(at(NEXT_MONDAY + timedelta(days=7), "12:00"))

    assert len(desk.all(ev.AssignmentBooked)) == 2
    assert not any(lot.is_shares for lot in desk.state.book.positions.values())
    assert len(proposals(desk, ProposalKind.ENTRY)) == 2
    assert assigned.booking.cash[0].account == F1_REV
    assert [e.label for e in desk.all(ev.WeekLabelled)] == ["Calm-Income", "Assignment"]
    sound(desk)


def test_a4_shares_deep_under_their_basis_propose_gbr_4_and_are_not_sold() -> None:
    desk = kept_to_the_end()
    desk.when(at(FRIDAY, "15:50"), lambda: desk.spots.update(AAPL=Decimal(95)))
    fall = at(NEXT_MONDAY + timedelta(days=4), "14:00")
    desk.when(fall, lambda: desk.spots.update(AAPL=Decimal(78)))
    desk.play(at(NEXT_MONDAY + timedelta(days=7), "16:05"))

    [recovery] = proposals(desk, ProposalKind.RECOVERY)
    assert recovery.rule.rule == "recovery.keep"
    assert not recovery.legs
    assert any(lot.is_shares for lot in desk.state.book.positions.values())
    assert [event.account for event in desk.all(ev.RecoveryBegun)] == [F1_REV]
    assert desk.all(ev.WeekLabelled)[-1].label == "Preservation"
    asked = proposals(desk, ProposalKind.RESUME)
    assert [proposal.note for proposal in asked] == ["recovery.freeze"]
    sound(desk)


# A5: breakers.


@pytest.mark.parametrize(
    ("vix", "tripped"),
    [
        ("50", ()),
        ("50.01", ("breaker.hedged",)),
        ("65", ("breaker.hedged",)),
        ("65.01", ("breaker.safe",)),
        ("80", ("breaker.safe",)),
        ("80.01", ("breaker.kill",)),
    ],
)
def test_a5_vix_breakers_trip_strictly_above_their_numbers(
    vix: str, tripped: tuple[str, ...]
) -> None:
    desk = stage()
    desk.figures.vix_average = Decimal(60)
    desk.when(at(MONDAY, "15:59"), lambda: setattr(desk.figures, "vix", Decimal(vix)))
    desk.play(at(TUESDAY, "10:00"))

    assert tuple(f"breaker.{event.breaker}" for event in desk.all(ev.BreakerTripped)) == tripped


def test_a5_the_highest_breaker_stops_entries_until_a_person_lowers_it() -> None:
    desk = stage()
    desk.refuses = lambda proposal: proposal.kind is ProposalKind.RESUME
    desk.figures.vix_average = Decimal(60)
    desk.when(at(FRIDAY, "15:59"), lambda: setattr(desk.figures, "vix", Decimal("80.01")))
    desk.when(at(NEXT_MONDAY, "08:30"), lambda: setattr(desk.figures, "vix", Decimal(40)))
    desk.play(at(NEXT_MONDAY, "16:30"))

    assert all(sleeve.state is ev.SleeveState.EMERGENCY for sleeve in desk.state.sleeves.values())
    assert "freeze.entries" in rules_refused(desk)
    assert proposals(desk, ProposalKind.RESUME)

    desk.refuses = lambda _proposal: False
    desk.play(at(NEXT_MONDAY + timedelta(days=7), "12:00"))
    assert desk.all(ev.BreakerLowered)
    assert len(proposals(desk, ProposalKind.ENTRY)) == 2
    sound(desk)


# A6: stops and crashes; between all writes, see tests/simulation/test_crashes.py.


def test_a6_a_crash_with_an_unknown_fill_and_an_orphan_order_is_reconciled() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    [written] = desk.all(ev.OrderWritten)
    assert not desk.all(ev.FillBooked)

    # The desk is gone while the broker fills the order, and a stray order rests there.
    stray = replace(written.order, id=OrderId("by-hand"), limit=Price(Decimal(50)), quantity=1)
    desk.broker.place_order(stray)
    desk.clock._now = at(MONDAY, "10:15")
    desk.broker.on_market(desk.clock.now(), desk.quote)
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(NEXT_MONDAY, "12:00"))

    fills = [event for event in desk.all(ev.FillBooked) if event.order == written.order.id]
    assert len(fills) == 1
    differences = [event.what for event in desk.all(ev.DifferenceFound)]
    assert f"fills of {written.order.id}" in differences
    assert "order by-hand" in differences
    assert not desk.broker.statement().open_orders
    assert [e.order.id for e in desk.all(ev.OrderWritten)].count(written.order.id) == 1
    assert [event.is_final for event in desk.all(ev.WeekClosed)] == [False, True]
    sound(desk)


def test_a6_a_desk_that_slept_over_the_weekend_rings_what_was_due_and_labels_the_week() -> None:
    desk = stage()
    desk.figures.volatility = 0.8
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.play(at(FRIDAY, "14:00"))
    desk.clock._now = at(NEXT_MONDAY, "10:20")
    desk.stop_and_resume(DeskResumed(desk.clock.now(), "a test"))
    desk.play(at(NEXT_MONDAY, "16:05"))

    assert [(e.week, e.is_final) for e in desk.all(ev.WeekClosed)] == [
        (WeekId(2013, 5), False),
        (WeekId(2013, 5), True),
    ]
    assert [event.week for event in desk.all(ev.WeekLabelled)] == [WeekId(2013, 5)]
    assert desk.state.week_id == WeekId(2013, 6)
    assert desk.state.condition is not None
    sound(desk)


def test_a6b_no_word_for_three_seconds_is_unknown_and_asked_and_never_doubled() -> None:
    desk = stage()
    deaf = _Deaf(desk.broker)
    desk.door = deaf
    desk.play(at(MONDAY, "09:45:10"))

    [written] = desk.entries(ev.OrderWritten)
    changes = desk.entries(ev.OrderStatusChanged)
    assert changes[0].event.status is OrderStatus.UNKNOWN
    assert changes[0].recorded_at - written.recorded_at == timedelta(seconds=3)
    assert deaf.placed == [(written.event.order.id, 1)]
    assert deaf.asked >= 3

    deaf.answer = OrderStanding.NEVER_RECEIVED
    desk.play(at(MONDAY, "09:50"))

    assert deaf.placed == [(written.event.order.id, 1), (written.event.order.id, 2)]
    assert desk.state.book.positions
    assert len(desk.entries(ev.OrderWritten)) == 1
    sound(desk)


class _Deaf:
    """A broker that neither takes nor answers anything until it is told what to answer."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.answer: OrderStanding | None = None
        self.placed: list[tuple[str, int]] = []
        self.asked = 0
        self._answers: list[OrderLookedUp] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def place_order(self, order: Order) -> None:
        self.placed.append((order.id, order.version))
        if self.answer is not None:
            self._inner.place_order(order)

    def look_up(self, order: OrderId) -> None:
        self.asked += 1
        if self.answer is not None:
            self._answers.append(OrderLookedUp(order, self.answer))

    def advance(self, to: Any) -> list[Any]:
        answers, self._answers = self._answers, []
        return [*answers, *self._inner.advance(to)]


# A9: the week's cut, on the side of the record.


def test_a9_a_week_is_cut_provisional_then_final_realised_and_unrealised_apart() -> None:
    desk = kept_to_the_end()
    desk.when(at(FRIDAY, "15:00"), lambda: desk.spots.update(AAPL=Decimal(96)))
    desk.play(at(NEXT_MONDAY, "16:05"))

    closed = desk.entries(ev.WeekClosed)
    assert [(e.event.is_final, e.event.version) for e in closed] == [(False, 1), (True, 2)]
    assert closed[0].recorded_at == at(FRIDAY, "16:30")
    assert closed[1].recorded_at == at(NEXT_MONDAY, "08:00")
    assert desk.entries(ev.AssignmentBooked)[0].recorded_at < closed[1].recorded_at

    realised, paid = Money(Decimal(0)), Money(Decimal(0))
    for event in (*desk.all(ev.FillBooked), *desk.all(ev.AssignmentBooked)):
        realised = realised + total([change.realised for change in event.booking.changes])
        paid = paid + event.booking.commission
    last = desk.all(ev.BalancesMarked)[-1]
    unrealised = total([mark.unrealised for mark in last.marks])
    equity = total([mark.equity for mark in last.marks])
    assert equity == Money(Decimal(300_000)) + realised - paid + unrealised
    assert realised.amount > 0
    assert unrealised.amount < 0


# A10, A11: sizes and liquidity.


@pytest.mark.parametrize(("contracts", "passes"), [(100, True), (101, False)])
def test_a10_an_opening_is_at_most_a_tenth_of_average_volume(contracts: int, passes: bool) -> None:
    contract = trading.put(strike=20)
    seen = trading.quote(contract, "0.98", "1.02", volume_average=1000.0)
    wanted = trading.proposal(
        trading.sell(contract),
        quantity=contracts,
        credit_net=trading.price("1.00"),
        spot=Price(Decimal(21)),
    )
    view = trading.view(book=trading.funded_book(1_000_000))
    verdict = judge(
        wanted,
        trading.funded_book(1_000_000),
        Standing(view),
        trading.snapshot(seen, spot="21"),
        trading.classic(),
    )

    assert verdict.passed is passes
    assert passes or verdict.rule == "liquidity.size"


@pytest.mark.parametrize(
    ("figure", "good", "bad", "rule"),
    [
        ("open_interest", 500, 499, "liquidity.open_interest"),
        ("volume", 100.0, 99.0, "liquidity.volume"),
        ("half_spread", Decimal("0.025"), Decimal("0.0275"), "liquidity.spread"),
    ],
)
def test_a10_openings_are_refused_beyond_each_gate_and_closes_only_warned(
    figure: str, good: Any, bad: Any, rule: str
) -> None:
    outcomes = {}
    for value in (good, bad):
        desk = stage({GEN: (), REV: ("AAPL",), COM: ()}, capital=100_000)
        # A mid of one dollar makes 5% of it, or one tick, the limit of the spread: 0.05.
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(99))
        for strike in range(70, 131):
            each = replace(contract, strike=Decimal(strike))
            desk.special[each] = {figure: value}
        desk.special[contract] = {figure: value, "mid": Decimal("1.00")}
        desk.play(at(MONDAY, "09:50"))
        outcomes[value] = desk
    assert proposals(outcomes[good], ProposalKind.ENTRY)
    assert rule in rules_refused(outcomes[bad])
    chosen = [p.legs[0].instrument for p in proposals(outcomes[bad], ProposalKind.ENTRY)]
    assert contract not in chosen

    desk = outcomes[good]
    [entry] = proposals(desk, ProposalKind.ENTRY)
    held = entry.legs[0].instrument
    desk.special[held] = {figure: bad, "mid": Decimal("0.40")}
    desk.play(at(TUESDAY, "10:35"))
    [close] = proposals(desk, ProposalKind.ADJUSTMENT)
    judged = next(event for event in desk.all(ev.RiskJudged) if event.proposal == close.id)
    assert any(rule in warning for warning in judged.warnings)
    assert [e.order.proposal for e in desk.all(ev.OrderWritten)][-1] == close.id


def test_a11_120_contracts_go_in_clips_of_at_most_fifty() -> None:
    desk = stage(spots={"AAPL": "20", "IBM": "100"}, capital=1_200_000)
    desk.figures.volume, desk.figures.volatility = 1_200.0, 1.2
    desk.play(at(MONDAY, "10:00"))

    [entry] = proposals(desk, ProposalKind.ENTRY)
    clips = [event.order.quantity for event in desk.all(ev.OrderWritten)]
    held = sum(lot.quantity for lot in desk.state.book.positions.values())
    assert entry.quantity == 120
    assert max(clips) <= 50
    assert sum(clips) == held == 120
    sound(desk)


# A12: calls on shares.


def test_a12_a_dividend_above_the_calls_time_value_closes_it_the_session_before() -> None:
    desk = stage({GEN: (), REV: (), COM: ("AAPL",)})
    desk.silent = lambda proposal: proposal.rule.rule.startswith("profit")
    desk.play(at(WEDNESDAY, "09:30"))
    call = next(lot for lot in desk.state.book.positions.values() if lot.is_short_call)
    desk.special[call.instrument] = {"mid": call.price_average.per_unit}
    desk.figures.ex_dividend, desk.figures.dividend = THURSDAY, Decimal(3)
    desk.play(at(WEDNESDAY, "16:05"))

    closes = [p for p in proposals(desk, ProposalKind.ADJUSTMENT) if p.concerns == (call.id,)]
    assert closes
    assert "dividend" in closes[0].rule.rule
    assert closes[0].made_at <= at(WEDNESDAY, "15:45")
    assert call.id not in desk.state.book.positions
    sound(desk)


# A13: data that is old, missing, or nobody to send to.


@pytest.mark.parametrize(("age", "enters"), [(30.0, True), (30.1, False)])
def test_a13_quotes_older_than_thirty_seconds_allow_no_entry(age: float, enters: bool) -> None:
    desk = stage()
    desk.figures.age_seconds = age
    desk.play(at(MONDAY, "10:00"))

    assert bool(proposals(desk, ProposalKind.ENTRY)) is enters
    assert ("quote.age" in rules_refused(desk)) is not enters


def test_a13_without_a_chain_the_trade_is_skipped() -> None:
    desk = stage()
    desk.figures.has_chain = False
    desk.play(at(MONDAY, "16:05"))

    assert not proposals(desk)
    assert "chain.none" in rules_refused(desk)


@pytest.mark.parametrize(("known", "atr"), [(Decimal(2), "2.2"), (None, "1.96")])
def test_a13_without_atr_the_last_valid_one_counts_enlarged_else_a_part_of_price(
    known: Decimal | None, atr: str
) -> None:
    desk = stage()
    desk.figures.atr = known
    desk.play(at(TUESDAY, "09:00"))
    desk.figures.atr = None
    desk.spots["AAPL"] = Decimal(98)
    desk.play(at(TUESDAY, "10:35"))

    assert {event.atr for event in desk.all(ev.LevelChanged)} == {Decimal(atr)}


def test_a13_a_lost_broker_stops_entries_and_a_link_that_is_back_reconciles() -> None:
    desk = stage()
    desk.play(at(MONDAY, "09:00"), BrokerReported(LinkChanged(is_up=False, reason="dead")))
    desk.play(at(MONDAY, "10:00"))
    assert not proposals(desk)
    assert [item.reason for item in refusals(desk)] == ["broker.unreachable"]

    desk.play(at(MONDAY, "10:30"), BrokerReported(LinkChanged(is_up=True)))
    desk.play(at(MONDAY, "12:00"))
    assert desk.all(ev.DeskReconciled)
    assert proposals(desk, ProposalKind.ENTRY)
    sound(desk)


# A14: the drawdown pivot of classic: 10% for Rev, at its number.


@pytest.mark.parametrize(("equity", "pivots"), [("81000.00", True), ("81000.01", False)])
def test_a14_a_sleeve_at_its_greatest_drawdown_sells_calls_only(equity: str, pivots: bool) -> None:
    desk = stage({GEN: (), REV: ("AAPL",), COM: ()}, spots={"AAPL": "100", "IBM": "100"})
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    desk.play(at(MONDAY, "15:00"))
    put = next(lot for lot in desk.state.book.positions.values() if lot.is_short_put)
    cash = desk.state.book.cash[F1_REV].whole.amount
    mark = (cash - Decimal(equity)) / (put.quantity * 100)
    desk.special[put.instrument] = {"mid": mark, "half_spread": CENT}
    desk.play(at(TUESDAY, "09:40"))

    tripped = [event for event in desk.all(ev.BreakerTripped) if event.account == F1_REV]
    high = desk.all(ev.BalancesMarked)[-1].marks[-1].high
    assert high == Money(Decimal(90_000))
    assert bool(tripped) is pivots
    assert desk.state.sleeves[F1_REV].is_calls_only is pivots


# Kill switch (section 9).


def test_the_kill_switch_takes_working_orders_back_and_nothing_follows_until_a_reset() -> None:
    desk = stage()
    contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(99))
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    [written] = desk.all(ev.OrderWritten)
    desk.special[contract] = {"mid": Decimal("0.50")}
    kill = OperatorInstructed(Instruction.KILL, "tester", "drill")
    desk.play(at(MONDAY, "14:30"), kill)

    assert not desk.broker.statement().open_orders
    assert desk.state.halted_by
    assert not desk.state.tickets
    assert len(desk.all(ev.OrderWritten)) == 1
    assert desk.state.orders_over[written.order.id].status is OrderStatus.CANCELLED

    desk.special.clear()
    desk.play(at(TUESDAY, "16:05"), OperatorInstructed(Instruction.RESET, "tester", "over"))
    assert not desk.state.halted_by
    sound(desk)


def test_the_kill_switch_of_one_sleeve_stops_its_retries_too() -> None:
    desk = stage(capital=600_000)
    desk.play(at(MONDAY, "09:45:00").replace(microsecond=1))
    for strike in range(60, 140):
        contract = OptionContract("AAPL", FRIDAY, Right.PUT, Decimal(strike))
        desk.special[contract] = {"mid": Decimal("0.50")}
    desk.play(at(MONDAY, "16:05"), OperatorInstructed(Instruction.KILL, "tester", "drill", F1_REV))

    assert len(desk.all(ev.OrderWritten)) == 1
    assert desk.state.sleeves[F1_REV].state is ev.SleeveState.SAFE
    assert not desk.state.halted_by
    sound(desk)


# A20, A21, A22.


def test_a20_every_figure_of_the_projection_original() -> None:
    rows = project_original(Decimal(300_000), 5, parse_rulebook(classic_text()))
    printed = {
        1: ("123444.37", "147153.75", "115148.76", "118146.47", "503893.35", 2),
        2: ("126987.60", "240602.50", "147324.87", "322456.81", "837371.77", 5),
        3: ("130632.53", "393395.10", "188491.96", "664364.47", "1376884.06", 9),
        5: ("138239.26", "1051687.14", "308550.58", "2181053.99", "3679530.97", 29),
    }
    by_year = {row.year: row for row in rows}
    for year, figures in printed.items():
        row = by_year[year]
        made = (row.gen, row.rev, row.com, row.forks, row.total)
        assert tuple(str(each.quantize(CENT)) for each in made) == figures[:5]
        assert row.forks_active == figures[5]


def _sample_weeks(first: date, sessions: int) -> tuple[World, Watcher]:
    world = World(sample_history(), sessions_from(first, sessions + 1), seed=3)
    watcher = Watcher()
    run(world.opened(watcher), world.sessions[sessions - 1].closes_at)
    watcher.check_weeks()
    watcher.check_broker(world.inner.statement())
    return world, watcher


def test_a21_good_friday_closes_the_week_on_thursday() -> None:
    world, watcher = _sample_weeks(date(2008, 3, 17), 6)

    thursday = date(2008, 3, 20)
    week = calendar().week_of(thursday)
    assert week.sessions[-1].date == week.expiry == thursday
    cut = [entry for entry in world.record.entries if isinstance(entry.event, ev.WeekClosed)]
    assert cut[0].recorded_at == at(thursday, "16:30")
    assert cut[1].recorded_at == at(date(2008, 3, 24), "08:00")
    lots = [
        change.after
        for entry in world.record.entries
        if isinstance(entry.event, ev.FillBooked)
        for change in entry.event.booking.changes
        if change.after is not None and change.after.is_short_put
    ]
    assert lots
    # An option dated on the holiday, or on its eve, is over by Monday's opening.
    assert all(lot.option.expiry >= thursday for lot in lots if lot.option is not None)
    assert watcher.outcomes
    looks = [
        entry.recorded_at
        for entry in world.record.entries
        if getattr(getattr(entry.event, "alarm", None), "kind", None) is AlarmKind.PIN_RISK
    ]
    assert at(thursday, "15:30") in looks


def test_a21_an_early_close_keeps_the_closing_windows_distance_from_it() -> None:
    friday = date(2007, 11, 23)
    week = calendar().week_of(friday)
    session = week.session_on(friday)
    rules = parse_rulebook(classic_text())
    assert session is not None
    assert session.is_early_close
    assert closing_window(session, rules) == (at(friday, "11:30"), at(friday, "12:45"))
    after = calendar().session(date(2007, 11, 26))
    dues = {
        alarm.kind: alarm.due_at
        for alarm in alarms_of_week(week, after, None, rules)
        if alarm.due_at.date() == friday
    }
    assert dues[AlarmKind.PIN_RISK] == at(friday, "12:30")
    assert dues[AlarmKind.CLOSE] == at(friday, "13:00")
    _sample_weeks(date(2007, 11, 19), 5)


def test_a21_an_option_that_expires_on_a_holiday_ends_on_the_session_before() -> None:
    # The exchange was closed on 2007-04-06, Good Friday; the stage lists the Friday all the same.
    desk = Stage(date(2007, 4, 2), {"AAPL": "100", "IBM": "100"}, REV_ONLY)
    desk.play(at(date(2007, 4, 9), "12:00"))

    thursday = date(2007, 4, 5)
    [first, *_] = desk.entries(ev.WeekClosed)
    assert first.recorded_at == at(thursday, "16:30")
    finals = [event for event in desk.all(ev.OutcomeClassified) if event.position is not None]
    assert {event.tag for event in finals} <= {"final", "closed"}
    sound(desk)


def test_a22_two_sleeves_of_one_broker_account_are_assigned_at_once() -> None:
    desk = stage({GEN: (), REV: ("AAPL",), COM: ("AAPL",)}, rulebook=_without_first_shares())
    desk.figures.volatility = 0.35
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    contract = _same_put_for_both(desk)
    desk.when(at(FRIDAY, "15:50"), lambda: desk.spots.update(AAPL=Decimal(95)))
    desk.play(at(FRIDAY, "16:05"))
    puts = [lot for lot in desk.state.book.all_positions() if lot.instrument == contract]
    assert {lot.account for lot in puts} == {F1_REV, F1_COM}
    whole = sum(lot.quantity for lot in puts)
    desk.play(at(NEXT_MONDAY, "09:00"))

    notices = [
        event.report
        for event in desk.all(BrokerReported)
        if isinstance(event.report, OptionsAssigned)
    ]
    assert [(notice.contract, notice.quantity) for notice in notices] == [(contract, whole)]
    shares = {lot.account: lot.quantity for lot in desk.state.book.all_positions() if lot.is_shares}
    assert shares == {lot.account: lot.quantity * 100 for lot in puts}
    sound(desk)


def _without_first_shares() -> str:
    text = classic_text().replace("first_shares = true", "first_shares = false")
    text = text.replace("issuer_cap = 0.25", "issuer_cap = 0.60")
    # One band for both tiers, so that both choose the same put.
    return text.replace("delta = { low = 20, high = 30 }", "delta = { low = 30, high = 40 }")


def _same_put_for_both(desk: Stage) -> OptionContract:
    desk.play(at(WEDNESDAY, "16:05"))
    contracts = {lot.instrument for lot in desk.state.book.positions.values()}
    assert len(contracts) == 1
    [contract] = contracts
    assert isinstance(contract, OptionContract)
    return contract
