"""Section 15 for classic, the course of weeks: checks A4, A9, A12, A20, A21 and A22."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain import events as ev
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.inputs import AlarmRang, BrokerReported
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import Money, total
from allusedesk.domain.orders import (
    OptionsAssigned,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.portfolio.projection import project_original
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.schedule import alarms_of_week, closing_window
from tests.acceptance.constitution_desks import TEXT, HedgingStage
from tests.acceptance.desks import (
    COM,
    F1_COM,
    F1_REV,
    FRIDAY,
    GEN,
    NEXT_MONDAY,
    REV,
    REV_ONLY,
    THURSDAY,
    WEDNESDAY,
    kept_to_the_end,
    proposals,
    rules_refused,
    sound,
    stage,
)
from tests.acceptance.stage import CENT, Stage, at
from tests.simulation.invariants import Watcher
from tests.simulation.world import World, calendar, classic_text, run, sample_history, sessions_from


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


def test_a22_a_part_goes_to_the_oldest_short_and_then_to_the_lowest_sleeve() -> None:
    desk = stage({GEN: (), REV: ("AAPL",), COM: ("AAPL",)}, rulebook=_without_first_shares())
    desk.silent = lambda proposal: proposal.kind is ProposalKind.ADJUSTMENT
    contract = _same_put_for_both(desk)
    oldest, younger = sorted(
        desk.state.book.all_positions(), key=lambda lot: (lot.opened_at, lot.account)
    )
    # One contract more than the oldest has: the rest is the other's.
    report = OptionsAssigned("part", contract, oldest.quantity + 1)
    desk.play(at(THURSDAY, "08:00"), BrokerReported(report))

    [booked] = desk.all(ev.AssignmentBooked)
    taken = {
        change.before.account: change.before.quantity
        - (change.after.quantity if change.after else 0)
        for change in booked.booking.changes
        if change.before is not None
    }
    assert taken == {oldest.account: oldest.quantity, younger.account: 1}
    shares = {lot.account: lot.quantity for lot in desk.state.book.all_positions() if lot.is_shares}
    assert shares == {oldest.account: oldest.quantity * 100, younger.account: 100}


def test_a21_gens_thursday_moves_to_the_short_friday_after_thanksgiving() -> None:
    monday = date(2012, 11, 19)
    friday = monday + timedelta(days=4)
    desk = HedgingStage(
        monday, {"AAPL": "99.60"}, {GEN: ("AAPL",), REV: (), COM: ()}, rulebook=TEXT
    )
    for strike in range(60, 140):
        contract = OptionContract("AAPL", friday, Right.PUT, Decimal(strike))
        desk.special[contract] = {"delta": -0.425, "mid": Decimal("1.00")}
    desk.play(at(friday, "12:45"))

    [entry] = proposals(desk, ProposalKind.ENTRY)
    # Its window keeps its clock time, since it ends before the close at one o'clock.
    assert at(friday, "09:45") <= entry.made_at <= at(friday, "11:00")
    assert entry.legs[0].instrument.expiry == friday
    looks = [
        (entry.event.alarm.kind, entry.recorded_at)
        for entry in desk.entries(AlarmRang)
        if entry.recorded_at.date() == friday
    ]
    assert (AlarmKind.CLOSING, at(friday, "11:30")) in looks
    assert (AlarmKind.ASSIGNMENT, at(friday, "12:00")) in looks
    assert (AlarmKind.PIN_RISK, at(friday, "12:30")) in looks


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
