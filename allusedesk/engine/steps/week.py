"""What follows from the looks that end a session and a week."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from allusedesk.domain.accounts import AccountId, kind_of
from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.commands import CutReport
from allusedesk.domain.events import (
    AssignmentPrepared,
    BalancesMarked,
    BreakerLowered,
    BreakerTripped,
    PositionsWeighed,
    QuarterClosed,
    SleeveFrozen,
    SleeveMark,
    SleeveState,
    WeekClosed,
)
from allusedesk.domain.proposals import ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.draft import Draft
from allusedesk.engine.family_affairs import finish_merges
from allusedesk.engine.family_wishes import (
    breaker_wishes,
    family_wishes,
    quarter_ended_by,
    resume_wishes,
)
from allusedesk.engine.hedging import close_hedge_quarter, watch_close
from allusedesk.engine.measuring import label_families, measure_week
from allusedesk.engine.proposing import propose_all
from allusedesk.engine.reconciling import ask_statement
from allusedesk.engine.sending import take_back, void_expired
from allusedesk.engine.sleeve_views import is_merging, view_of, with_estimates
from allusedesk.engine.state import DeskState
from allusedesk.protocol.assignment import decide_closing, expect_assignments
from allusedesk.protocol.homecoming import decide_homecoming
from allusedesk.protocol.levels import FREEZE_EXIT
from allusedesk.protocol.pin_risk import decide_pin_risk
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.schedule import window_end
from allusedesk.protocol.sleeve_states import STOPPED_STATES
from allusedesk.protocol.verdicts import Verdict
from allusedesk.protocol.views import Decision, SleeveView
from allusedesk.risk.circuit_breakers import (
    VIX_BREAKERS,
    Breaker,
    drawdown_breaker,
    up_to,
    vix_breaker,
)

_SHARE = Decimal("0.000001")
_A_DAY, _A_WEEK = timedelta(days=1), timedelta(weeks=1)


def ask_to_resume(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Once a week, ask a person whether what was stopped may go on."""
    values = draft.values
    for account in sorted(draft.state.sleeves):
        view = view_of(draft.state, account, snapshot, values)
        wishes = resume_wishes(draft.state, account, snapshot)
        propose_all(draft, wishes, view, snapshot, _end_of_day(draft))


def on_closing_look(draft: Draft, snapshot: MarketSnapshot, look: AlarmKind) -> None:
    """Close or keep, prepare for assignment, or buy back what is pinned to its strike."""
    state = draft.state
    week = state.week
    session = week.session_on(state.day) if week is not None else None
    if week is None or session is None:
        return
    for account in sorted({lot.account for lot in state.book.positions.values()}):
        if session == week.sessions[-1] and not _is_stopped(draft.state, account):
            draft.move_sleeve(account, SleeveState.CLOSING, look.value)
        values = draft.values
        view = view_of(draft.state, account, snapshot, values)
        view = with_estimates(draft.state, view, view.lots, snapshot)
        ends = window_end(look, view.kind, session, state.rules)
        if look is AlarmKind.CLOSING and is_merging(state, account):
            decision = decide_homecoming(view, snapshot, state.rules)
        elif look is AlarmKind.CLOSING:
            decision = decide_closing(view, snapshot, week, session, state.instant, state.rules)
            freeze_for_recovery(draft, view, decision)
        elif look is AlarmKind.PIN_RISK:
            decision = decide_pin_risk(view, snapshot, week, session, state.rules)
        else:
            _prepare(draft, view, snapshot)
            continue
        made = propose_all(draft, decision.wishes, view, snapshot, ends)
        if made or decision.turned_down:
            draft.record(
                PositionsWeighed(account, state.week_id, look.value, made, decision.turned_down)
            )


def on_close(draft: Draft, snapshot: MarketSnapshot, alarm: Alarm) -> None:
    """Mark every sleeve, check drawdown and VIX, and on the last session measure the week.

    The session is the alarm's own: a desk that was stopped over a close measures it afterwards.
    """
    _mark(draft)
    _check_drawdowns(draft, snapshot)
    _check_volatility(draft, snapshot)
    _ask_to_lower(draft, snapshot)
    watch_close(draft, snapshot)
    void_expired(draft)
    compare_with_broker(draft)
    week = draft.state.week
    if week is None or alarm.due_at < week.sessions[-1].closes_at:
        return
    measure_week(draft)
    label_families(draft)
    for account in sorted(draft.state.sleeves):
        if draft.state.sleeves[account].state not in STOPPED_STATES | {SleeveState.SAFE}:
            draft.move_sleeve(account, SleeveState.RECONCILING, "last close of the week")


def compare_with_broker(draft: Draft) -> None:
    """Compare the book with the broker's own; what a report failed to tell is found this way."""
    if draft.state.is_link_up:
        ask_statement(draft)


def on_final(draft: Draft, snapshot: MarketSnapshot, alarm: Alarm) -> None:
    """Assignments are known: the week's report is final, and families fork, merge, reinvest."""
    for account in sorted(draft.state.sleeves):
        if draft.state.sleeves[account].state is SleeveState.RECONCILING:
            draft.move_sleeve(account, SleeveState.SAFE, "final report")
    closed = week_of_alarm(alarm)
    draft.record(WeekClosed(closed, is_final=True, version=2))
    draft.wish(CutReport(closed, is_final=True))
    ask_statement(draft)
    finish_merges(draft)
    quarter = quarter_ended_by(closed)
    if quarter is not None:
        close_hedge_quarter(draft, quarter.name)
    values = draft.values
    for account in sorted(draft.state.sleeves):
        equity = values.of(account).equity
        wishes = family_wishes(draft.state, account, values, quarter)
        if quarter is not None:
            gain = equity - draft.state.sleeves[account].quarter_equity
            draft.record(QuarterClosed(account, quarter.name, equity, gain))
        view = view_of(draft.state, account, snapshot, values)
        propose_all(draft, wishes, view, snapshot, draft.state.instant + _A_WEEK)


def week_of_alarm(alarm: Alarm) -> WeekId:
    """The week an alarm was set for, which is what its id begins with."""
    year, _, number = alarm.id.partition("/")[0].partition("-W")
    return WeekId(int(year), int(number))


def _is_stopped(state: DeskState, account: AccountId) -> bool:
    """True where only a person's word, or the broker's return, moves a sleeve on."""
    sleeve = state.sleeves[account]
    stopped_by = {freeze.reason for freeze in sleeve.freezes}
    is_safe = any(name in state.breakers for name in (Breaker.SAFE.value, Breaker.KILL.value))
    return (
        sleeve.state in STOPPED_STATES
        or FREEZE_EXIT in stopped_by
        or is_safe
        or not state.is_link_up
    )


def freeze_for_recovery(draft: Draft, view: SleeveView, decision: Decision) -> None:
    """GBR-4 freezes the sleeve at once; what it trades still waits for a person."""
    begins = any(wish.kind is ProposalKind.RECOVERY for wish in decision.wishes)
    freezes = draft.state.sleeves[view.account].freezes
    if begins and not any(freeze.reason == FREEZE_RECOVERY for freeze in freezes):
        draft.record(SleeveFrozen(view.account, FREEZE_RECOVERY))


def _prepare(draft: Draft, view: SleeveView, snapshot: MarketSnapshot) -> None:
    """Note which shorts will likely be assigned, and whether the cash for it is there."""
    week = draft.state.week
    session = week.session_on(draft.state.day) if week is not None else None
    if week is None or session is None:
        return
    settled = draft.state.book.cash[view.account].settled
    for expected in expect_assignments(view, snapshot, week, session, draft.state.rules):
        draft.record(
            AssignmentPrepared(
                expected.position, expected.probability, expected.cash_needed, settled
            )
        )


def _mark(draft: Draft) -> None:
    state = draft.state
    values = draft.values
    marks = []
    for value in values.accounts:
        sleeve = state.sleeves[value.account]
        high = max(sleeve.high, value.equity)
        marks.append(
            SleeveMark(
                value.account,
                value.equity,
                value.cash,
                value.positions,
                value.collateral,
                value.unrealised,
                high,
                (high - value.equity).share_of(high).quantize(_SHARE),
            )
        )
    draft.record(BalancesMarked(state.day, tuple(marks), values.quotes, values.is_modelled))


def _check_drawdowns(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Suspend puts at a sleeve's greatest drawdown; let them come back once it has recovered."""
    rules = draft.state.rules
    vix = snapshot.volatility.vix if snapshot.volatility is not None else None
    for account in sorted(draft.state.sleeves):
        sleeve = draft.state.sleeves[account]
        if sleeve.is_calls_only:
            if sleeve.drawdown <= rules.assignment.resume_within:
                draft.record(BreakerLowered("drawdown", "the rulebook: recovered", account))
            continue
        # Exact: the mark's own figure is rounded, and might trip or recover a hair too early.
        drawdown = (sleeve.high - sleeve.equity).share_of(sleeve.high)
        verdict = drawdown_breaker(kind_of(account), drawdown, vix, rules)
        if verdict.verdict == Breaker.CALLS_ONLY.value:
            draft.record(BreakerTripped("drawdown", verdict.verdict, verdict.comparisons, account))


def check_prints(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Trip what several prints of VIX have called for; one print alone trips nothing."""
    seen = snapshot.volatility
    if seen is None or seen.printed_at is None:
        return
    if draft.state.vix_watch.confirmed is not Breaker.NONE:
        _trip(draft, vix_breaker(seen.vix, draft.state.rules), draft.state.vix_watch.confirmed)


def _check_volatility(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Trip the VIX breakers on the day's close."""
    if snapshot.volatility is None:
        return
    verdict = vix_breaker(snapshot.volatility.vix, draft.state.rules)
    _trip(draft, verdict, Breaker(verdict.verdict))


def _ask_to_lower(draft: Draft, snapshot: MarketSnapshot) -> None:
    """After a close below a breaker's trigger a person is asked, and has until the next one."""
    if not any(name in draft.state.breakers for name in VIX_BREAKERS):
        return
    first = min(draft.state.sleeves)
    wishes = breaker_wishes(draft.state, first, snapshot)
    view = view_of(draft.state, first, snapshot, draft.values)
    propose_all(draft, wishes, view, snapshot, draft.state.instant + _A_DAY)


def _trip(draft: Draft, verdict: Verdict, breaker: Breaker) -> None:
    """Record a breaker and every milder one that does not stand yet, and do what each asks for.

    SAFE rests every sleeve; a kill takes back every working opening.
    """
    for each in up_to(breaker):
        if each.value in draft.state.breakers:
            continue
        draft.record(BreakerTripped(each.value, f"breaker.vix.{each.value}", verdict.comparisons))
        if each is Breaker.SAFE:
            rest_in_safe(draft, "VIX breaker")
        if each is Breaker.KILL:
            _kill(draft)


def _kill(draft: Draft) -> None:
    for order in sorted(draft.state.orders.values(), key=lambda order: order.id):
        if order.is_opening:
            take_back(draft, order, "VIX breaker")
    for account in sorted(draft.state.sleeves):
        draft.move_sleeve(account, SleeveState.EMERGENCY, "VIX breaker")


def rest_in_safe(draft: Draft, cause: str) -> None:
    """Bring every sleeve to SAFE that does not wait for a person already."""
    for account in sorted(draft.state.sleeves):
        if draft.state.sleeves[account].state not in STOPPED_STATES:
            draft.move_sleeve(account, SleeveState.SAFE, cause)


def _end_of_day(draft: Draft) -> datetime:
    """The close of today's session, or now where there is none."""
    week = draft.state.week
    session = week.session_on(draft.state.day) if week is not None else None
    return session.closes_at if session is not None else draft.state.instant
