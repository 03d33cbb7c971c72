"""What follows from a look at the market: one short function for each kind of look."""

from __future__ import annotations

from datetime import datetime, timedelta

from allusedesk.domain.accounts import AccountId, AccountKind, kind_of
from allusedesk.domain.alarms import Alarm, AlarmKind, PriceAlarm
from allusedesk.domain.events import (
    ConditionMissing,
    EntriesWeighed,
    LevelChanged,
    PositionsWeighed,
    PriceAlarmsSet,
    SleeveState,
)
from allusedesk.domain.identifiers import OrderId, ProposalId
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.proposals import ProposalKind, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import Session
from allusedesk.engine.classifying import classify, on_condition_asked
from allusedesk.engine.draft import Draft
from allusedesk.engine.hedging import hedge_families, note_breach, releases_of, watch_market
from allusedesk.engine.laddering import on_ladder
from allusedesk.engine.leaving import is_leaving, leave, look_again
from allusedesk.engine.proposing import propose_all
from allusedesk.engine.sending import on_patience, on_send
from allusedesk.engine.sleeve_sizes import is_too_small, size_of_sleeve
from allusedesk.engine.sleeve_views import is_merging, view_of, with_estimates
from allusedesk.engine.steps.week import (
    ask_to_resume,
    check_prints,
    freeze_for_recovery,
    on_close,
    on_closing_look,
    on_final,
)
from allusedesk.engine.steps.wishes import on_look_asked
from allusedesk.engine.strategies import barred_by_strategies, on_intents_seen, on_strategies
from allusedesk.protocol.closing_orders import NO_QUOTE, Outcome, decision_of
from allusedesk.protocol.entry import decide_entries
from allusedesk.protocol.homecoming import decide_homecoming
from allusedesk.protocol.levels import LEVEL_THREE, LEVEL_TWO, LevelReading, step_levels
from allusedesk.protocol.market_condition import condition_binds, tier_deployment
from allusedesk.protocol.recovery import is_answered
from allusedesk.protocol.schedule import window_end
from allusedesk.protocol.trade_management import (
    decide_management,
    levels_of,
    price_alarms_of,
    read_levels,
)
from allusedesk.protocol.views import Decision, SleeveView, Wish
from allusedesk.risk.circuit_breakers import awaits_print

_BESIDE = {
    AlarmKind.LADDER: on_ladder,
    AlarmKind.STRATEGIES: on_strategies,
    AlarmKind.INTENTS: on_intents_seen,
}
_WORTH_ANOTHER_LOOK = frozenset({"cycle.busy", "chain.none", NO_QUOTE, "underlying.halted"})


def on_sample(draft: Draft, event: MarketSampled, look: Alarm | PriceAlarm | None) -> None:
    """Think about what a look showed; a sample nobody asked for only refreshes the marks."""
    snapshot = event.snapshot
    draft.look = look
    check_prints(draft, snapshot)
    if isinstance(look, PriceAlarm):
        on_manage(draft, snapshot, AlarmKind.MANAGE, (look.account,))
        return
    match look.kind if look is not None else None:
        case AlarmKind.CONDITION:
            on_condition(draft, snapshot)
        case AlarmKind.CONDITION_ASKED if look is not None:
            on_condition_asked(draft, look, snapshot)
        case AlarmKind.OPENING:
            on_opening(draft, snapshot)
        case AlarmKind.ENTRY if look is not None:
            on_entry(draft, snapshot, AccountKind(look.subject))
        case AlarmKind.MANAGE:
            on_manage(draft, snapshot, AlarmKind.MANAGE, holding(draft))
        case AlarmKind.LADDER | AlarmKind.STRATEGIES | AlarmKind.INTENTS as kind:
            _BESIDE[kind](draft, snapshot)
        case AlarmKind.CLOSING | AlarmKind.PIN_RISK | AlarmKind.ASSIGNMENT if look is not None:
            on_closing_look(draft, snapshot, look.kind)
        case AlarmKind.CLOSE if look is not None:
            on_close(draft, snapshot, look)
        case AlarmKind.FINAL_REPORT if look is not None:
            on_final(draft, snapshot, look)
        case AlarmKind.CLOSE_ASKED | AlarmKind.ROLL_ASKED if look is not None:
            on_look_asked(draft, look, snapshot)
        case AlarmKind.ORDER_SEND if look is not None:
            on_send(draft, ProposalId(look.subject), snapshot)
        case AlarmKind.ORDER_PATIENCE if look is not None:
            on_patience(draft, OrderId(look.subject), snapshot)
        case _:
            pass


def on_condition(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Classify the week's market; without evidence nothing is entered, and why is said."""
    missing = classify(draft, snapshot)
    if missing is not None:
        draft.record(ConditionMissing(draft.state.week_id, missing.reason))
        draft.notice(
            "warning",
            "condition.missing",
            f"The market condition cannot be decided: {missing.reason} {_without(draft)}",
        )
    watch_market(draft, snapshot)
    ask_to_resume(draft, snapshot)


def _without(draft: Draft) -> str:
    if condition_binds(draft.state.rules):
        return "No entries this week."
    return "Under this rulebook nothing depends on it."


def on_opening(draft: Draft, snapshot: MarketSnapshot) -> None:
    """Set the day's levels and the prices at which they change.

    Levels from the strike are acted upon too: an exit of the first minutes goes now.
    """
    if draft.state.rules.levels is not None:
        on_manage(draft, snapshot, AlarmKind.OPENING, holding(draft))
        return
    for account in holding(draft):
        view = _view(draft, account, snapshot)
        read = read_levels(view, snapshot, draft.state.rules)
        _step_levels(draft, read)
        _set_price_alarms(draft, view, read, snapshot)


def on_entry(draft: Draft, snapshot: MarketSnapshot, kind: AccountKind) -> None:
    """Weigh the entries of every sleeve of a tier."""
    session = _session(draft)
    if session is None:
        return
    ends = window_end(AlarmKind.ENTRY, kind, session, draft.state.rules)
    for account in sorted(draft.state.sleeves):
        if kind_of(account) is not kind and not _lends_its_days(draft, kind, account):
            continue
        if _awaits_a_print(draft, kind, ends):
            continue
        view = barred_by_strategies(draft.state, _view(draft, account, snapshot))
        decision = _entries(draft, view, snapshot, session)
        _tell_size(draft, view)
        if decision.wishes:
            draft.move_sleeve(account, SleeveState.ANALYZING, "something to enter")
        made = propose_all(draft, decision.wishes, view, snapshot, ends)
        target = draft.state.rules.account(view.kind).weekly_target
        weighed = EntriesWeighed(account, draft.state.week_id, made, decision.turned_down, target)
        draft.record(weighed)
        draft.rest_sleeve(account)


def _lends_its_days(draft: Draft, kind: AccountKind, account: AccountId) -> bool:
    """True where a sleeve of another tier has shares put to it whose calls take this one's days."""
    rules, book = draft.state.rules.assignment, draft.state.book
    return rules.call_days_as is kind and any(
        lot.is_shares and lot.linked_to is not None and book.shares_uncovered(lot) > 0
        for lot in book.positions_of(account)
    )


def _awaits_a_print(draft: Draft, kind: AccountKind, ends: datetime) -> bool:
    """True while one print of VIX calls for a breaker: the next one is waited for, then entered.

    One print alone trips nothing, but nothing is sold between the first and the second either.
    """
    state = draft.state
    due = state.instant + timedelta(seconds=state.rules.breakers.print_seconds)
    if not awaits_print(state.vix_watch) or due > ends:
        return False
    draft.set_alarms(
        Alarm(f"{state.week_id}/entry-{kind.value}-again", AlarmKind.ENTRY, due, kind.value)
    )
    return True


def _tell_size(draft: Draft, view: SleeveView) -> None:
    """Once at set-up: a sleeve that can afford nothing says so instead of standing idle."""
    if view.has_traded:
        return
    size = size_of_sleeve(draft.state, view.kind, view.equity)
    if is_too_small(size) and size is not None:
        draft.notice(
            "warning",
            f"sleeve.too_small/{view.account}",
            f"{view.account} with {view.equity} is too small to trade: one lot needs a sleeve of "
            f"{size.comparisons[0].limit}.",
        )


def _entries(
    draft: Draft, view: SleeveView, snapshot: MarketSnapshot, session: Session
) -> Decision:
    state = draft.state
    condition = state.condition
    if state.week is not None and not condition_binds(state.rules):
        is_calm = condition is not None and condition.vix <= condition.vix_average
        deploy = tier_deployment(view.kind, state.rules, is_calm=is_calm)
        return decide_entries(
            view, snapshot, None, deploy, state.week, session, state.instant, state.rules
        )
    if condition is None or state.week is None:
        reason = "the market condition of the week is not known"
        turned_down = TurnedDown(f"{view.kind.label} entries", "condition.missing", reason)
        return Decision((), (turned_down,))
    return decide_entries(
        view,
        snapshot,
        condition.condition,
        condition.deploy,
        state.week,
        session,
        state.instant,
        state.rules,
    )


def on_manage(
    draft: Draft,
    snapshot: MarketSnapshot,
    look: AlarmKind,
    accounts: tuple[AccountId, ...],
) -> None:
    """Step the levels of what is held, and propose what they ask for."""
    session, week = _session(draft), draft.state.week
    if session is None or week is None:
        return
    for account in accounts:
        view = _view(draft, account, snapshot)
        read = read_levels(view, snapshot, draft.state.rules)
        readings = _step_levels(draft, read)
        view = _with_losses(draft, view, readings, snapshot)
        state = draft.state
        decision = decide_management(
            view, snapshot, readings, week, session, state.instant, state.rules
        )
        ends = window_end(look, view.kind, session, state.rules)
        if is_merging(state, account):
            decision = _homeward(decision, decide_homecoming(view, snapshot, state.rules))
        freeze_for_recovery(draft, view, decision)
        note_breach(draft, view, readings)
        decision = decision_of([*_outcomes(decision), *releases_of(draft, view, snapshot)])
        made = _leave_all(draft, decision, readings, view, snapshot, session)
        made += propose_all(draft, _asked(decision), view, snapshot, ends)
        if made or decision.turned_down:
            draft.record(
                PositionsWeighed(account, state.week_id, look.value, made, decision.turned_down)
            )
        _press_on(draft, decision, readings, made, session)
        _set_price_alarms(draft, view, read, snapshot)
    hedge_families(draft, snapshot, session.closes_at)


def _homeward(managed: Decision, homeward: Decision) -> Decision:
    """What a family on its way home does: its stops hold, and all else is closed."""
    exits = [wish for wish in managed.wishes if wish.kind is ProposalKind.EMERGENCY_EXIT]
    leaving = {position for wish in exits for position in wish.concerns}
    rest = [wish for wish in homeward.wishes if leaving.isdisjoint(wish.concerns)]
    return Decision((*exits, *rest), homeward.turned_down)


def _outcomes(decision: Decision) -> tuple[Outcome, ...]:
    return (*decision.wishes, *decision.turned_down)


def _asked(decision: Decision) -> list[Wish]:
    return [wish for wish in decision.wishes if wish.kind is not ProposalKind.EMERGENCY_EXIT]


def _leave_all(
    draft: Draft,
    decision: Decision,
    readings: tuple[LevelReading, ...],
    view: SleeveView,
    snapshot: MarketSnapshot,
    session: Session,
) -> tuple[ProposalId, ...]:
    """Exits go first, and wait for nobody."""
    made = []
    for wish in decision.wishes:
        if wish.kind is ProposalKind.EMERGENCY_EXIT:
            reading = next((item for item in readings if item.position in wish.concerns), None)
            left = leave(draft, wish, reading, view, snapshot, session)
            if left is not None:
                made.append(left)
    return tuple(made)


def _press_on(
    draft: Draft,
    decision: Decision,
    readings: tuple[LevelReading, ...],
    made: tuple[ProposalId, ...],
    session: Session,
) -> None:
    """While a put at L2 or beyond waits for anything, look again soon."""
    levels = draft.state.rules.levels
    if levels is None or not any(item.level in (LEVEL_TWO, LEVEL_THREE) for item in readings):
        return
    if made or any(item.rule in _WORTH_ANOTHER_LOOK for item in decision.turned_down):
        look_again(draft, levels.seconds_two, session)


def holding(draft: Draft) -> tuple[AccountId, ...]:
    """The sleeves that hold anything, by id."""
    return tuple(sorted({lot.account for lot in draft.state.book.positions.values()}))


def _view(draft: Draft, account: AccountId, snapshot: MarketSnapshot) -> SleeveView:
    return view_of(draft.state, account, snapshot, draft.values)


def _with_losses(
    draft: Draft, view: SleeveView, readings: tuple[LevelReading, ...], snapshot: MarketSnapshot
) -> SleeveView:
    """The view with what the shares at L3 that may come to GBR-4 are expected to lose."""
    at_three = {item.position for item in readings if item.level == LEVEL_THREE}
    fallen = tuple(
        lot
        for lot in view.lots
        if lot.is_shares and lot.id in at_three and not is_answered(view, lot, draft.state.rules)
    )
    return with_estimates(draft.state, view, fallen, snapshot) if fallen else view


def _session(draft: Draft) -> Session | None:
    week = draft.state.week
    return week.session_on(draft.state.day) if week is not None else None


def _step_levels(draft: Draft, read: tuple[LevelReading, ...]) -> tuple[LevelReading, ...]:
    """Record each level passed, one at a time, even where price jumped over several."""
    readings = tuple(
        reading
        for reading in read
        # What is on its way out stands at its stop until it has left.
        if not is_leaving(draft.state, reading.position)
    )
    names = levels_of(draft.state.rules)
    for reading in readings:
        before = draft.state.levels.get(reading.position, names[0])
        for level in step_levels(before, reading.level, names):
            draft.record(
                LevelChanged(
                    reading.position, before, level, reading.distance, reading.atr, reading.spot
                )
            )
            before = level
    return readings


def _set_price_alarms(
    draft: Draft, view: SleeveView, read: tuple[LevelReading, ...], snapshot: MarketSnapshot
) -> None:
    """The sleeve's price alarms as its lots now want them; alarms of unseen symbols stay."""
    now, rung = draft.state.now, draft.state.rung
    wanted = [
        alarm
        for alarm in price_alarms_of(view, read, draft.state.rules)
        # One that rang just now waits: where board and look disagree it would ring for ever.
        if rung.get(alarm.id) != now
    ]
    seen = {underlying.symbol for underlying in snapshot.underlyings}
    kept = tuple(
        alarm
        for alarm in draft.state.price_alarms.values()
        if alarm.account == view.account and alarm.symbol not in seen
    )
    standing = {
        alarm.id: alarm
        for alarm in draft.state.price_alarms.values()
        if alarm.account == view.account
    }
    after = {alarm.id: alarm for alarm in (*kept, *wanted)}
    if after != standing:
        alarms = tuple(after[name] for name in sorted(after))
        draft.record(PriceAlarmsSet(view.account, alarms))
