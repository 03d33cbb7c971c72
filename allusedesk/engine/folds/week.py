"""How the course of a week changes what the engine knows: alarms, looks, outcomes."""

from __future__ import annotations

from immutables import Map

from allusedesk.domain import events as ev
from allusedesk.domain import inputs as inp
from allusedesk.domain.accounts import family_of
from allusedesk.domain.alarms import Alarm, AlarmKind, PriceAlarm
from allusedesk.domain.changing import replace
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.orders import LinkChanged
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.folds.arming import with_comparison, with_line_changed, with_restart
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import Denial, DeskState, Sleeve
from allusedesk.protocol.levels import LEVEL_TWO
from allusedesk.protocol.rulebook import WeekFact
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.risk.circuit_breakers import VixPrint, watch_vix

LOOKS_ASKED = {
    inp.OperatorRequest.CLOSE: AlarmKind.CLOSE_ASKED,
    inp.OperatorRequest.ROLL: AlarmKind.ROLL_ASKED,
    inp.OperatorRequest.CLASSIFY: AlarmKind.CONDITION_ASKED,
}


def _desk_opened(state: DeskState, event: inp.DeskOpened) -> DeskState:
    return replace(
        state,
        mode=event.mode,
        rulebook=parse_rulebook(event.rulebook_text),
        rulebook_text=event.rulebook_text,
        symbols=event.symbols,
        trend_symbol=event.trend_symbol,
    )


def _week_planned(state: DeskState, event: inp.WeekPlanned) -> DeskState:
    sleeves = state.sleeves
    for account, sleeve in state.sleeves.items():
        sleeves = sleeves.set(account, replace(sleeve, entered=(), covered=(), is_measured=False))
    return replace(
        state,
        week_before=state.week.id if state.week is not None else None,
        week=event.week,
        session_after=event.session_after,
        condition=None,
        sleeves=sleeves,
        measured=type(state.measured)(),
        looks=type(state.looks)(),
    )


def _alarms_set(state: DeskState, event: ev.AlarmsSet) -> DeskState:
    alarms = state.alarms
    for alarm in event.alarms:
        alarms = alarms.set(alarm.id, alarm)
    return replace(state, alarms=alarms)


def _alarms_dropped(state: DeskState, event: ev.AlarmsDropped) -> DeskState:
    alarms = state.alarms
    for alarm in event.alarms:
        if alarm in alarms:
            alarms = alarms.delete(alarm)
    return replace(state, alarms=alarms)


def _alarm_rang(state: DeskState, event: inp.AlarmRang) -> DeskState:
    alarm = event.alarm
    alarms = state.alarms.delete(alarm.id) if alarm.id in state.alarms else state.alarms
    return replace(state, alarms=alarms, looks=_looks_after(state, alarm))


def _looks_after(state: DeskState, alarm: Alarm | PriceAlarm) -> Map[str, Alarm | PriceAlarm]:
    """What is still to be seen: a look is answered at once, the plan of a week a little later.

    Only a stop leaves an older look unanswered, and then it waits until the desk has resumed.
    """
    looks = state.looks
    if not state.is_resuming:
        for name, older in state.looks.items():
            if not isinstance(older, Alarm) or older.kind is not AlarmKind.PLAN:
                looks = looks.delete(name)
    return looks.set(alarm.id, alarm)


def _price_alarms_set(state: DeskState, event: ev.PriceAlarmsSet) -> DeskState:
    alarms = state.price_alarms
    for alarm in state.price_alarms.values():
        if alarm.account == event.account:
            alarms = alarms.delete(alarm.id)
    for alarm in event.alarms:
        alarms = alarms.set(alarm.id, alarm)
    return replace(state, price_alarms=alarms)


def _price_alarm_rang(state: DeskState, event: inp.PriceAlarmRang) -> DeskState:
    alarm = event.alarm
    alarms = state.price_alarms
    if alarm.id in alarms:
        alarms = alarms.delete(alarm.id)
    spots = state.spots.set(alarm.symbol, event.price)
    rung = state.rung.set(alarm.id, state.instant)
    looks = _looks_after(state, alarm)
    return replace(state, price_alarms=alarms, looks=looks, spots=spots, rung=rung)


def _market_sampled(state: DeskState, event: inp.MarketSampled) -> DeskState:
    if state.rules.hedging is not None:
        state = _remember_stress(state, event.snapshot, state.looks.get(event.alarm))
    looks = state.looks.delete(event.alarm) if event.alarm in state.looks else state.looks
    state = replace(_remember_marks(state, event.snapshot), looks=looks)
    seen = event.snapshot.volatility
    if seen is None or seen.printed_at is None:
        return state
    printed = VixPrint(seen.vix, seen.printed_at)
    return replace(state, vix_watch=watch_vix(state.vix_watch, printed, state.rules))


def _remember_stress(
    state: DeskState, snapshot: MarketSnapshot, look: Alarm | PriceAlarm | None
) -> DeskState:
    """How many closes running VIX stood high, and the highest the index was seen at."""
    rules, volatility = state.rules.hedging, snapshot.volatility
    is_close = isinstance(look, Alarm) and look.kind is AlarmKind.CLOSE
    if rules is not None and volatility is not None and is_close:
        days = state.vix_days + 1 if volatility.vix > rules.vix_above else 0
        state = replace(state, vix_days=days)
    mark = snapshot.trend.quote.mark if snapshot.trend is not None else None
    if mark is not None and (state.trend_high is None or mark > state.trend_high):
        state = replace(state, trend_high=mark)
    return state


def _remember_marks(state: DeskState, snapshot: MarketSnapshot) -> DeskState:
    """The last mark of everything held: what stands where a later quote is missing."""
    spots, marks, ranges = state.spots, state.marks, state.ranges
    for seen in snapshot.underlyings:
        mark = seen.quote.mark
        if mark is not None:
            spots = spots.set(seen.symbol, mark)
            marks = marks.set(seen.quote.instrument, seen.quote)
        atr = seen.indicators.atr_14 if state.rules.levels is None else seen.indicators.atr_5
        if atr is not None:
            ranges = ranges.set(seen.symbol, atr)
    for quote in snapshot.held:
        if quote.has_mark:
            marks = marks.set(quote.instrument, quote)
    return replace(state, spots=spots, marks=marks, ranges=ranges)


def _condition_classified(state: DeskState, event: ev.ConditionClassified) -> DeskState:
    return replace(state, condition=event)


def _entries_weighed(state: DeskState, event: ev.EntriesWeighed) -> DeskState:
    if any(item.rule.startswith("earnings.") for item in event.turned_down):
        return state.with_fact(family_of(event.account), WeekFact.EARNINGS_SKIP)
    return state


def _level_changed(state: DeskState, event: ev.LevelChanged) -> DeskState:
    lot = state.book.positions.get(event.position)
    if event.level == LEVEL_TWO and lot is not None and lot.is_short_put:
        state = replace(state, breached_in=state.week_id)
    return replace(state, levels=state.levels.set(event.position, event.level))


def _outcome_classified(state: DeskState, event: ev.OutcomeClassified) -> DeskState:
    sleeve = replace(state.sleeves[event.account], is_measured=True)
    if event.position is not None:
        state = replace(state, measured=state.measured.set(event.position, event.week))
        sleeve = _recovered(state, sleeve, event.position)
    return state.with_sleeve(sleeve)


def _recovered(state: DeskState, sleeve: Sleeve, position: PositionId) -> Sleeve:
    """Shares back at their basis at the end of a week have recovered: GBR-4 may come anew."""
    lot = state.book.positions.get(position) if sleeve.recovering else None
    if lot is None or not lot.is_shares or lot.basis is None:
        return sleeve
    spot = state.spots.get(lot.underlying)
    if spot is None or spot < lot.basis:
        return sleeve
    still = tuple(name for name in sleeve.recovering if name not in (lot.id, lot.linked_to))
    return replace(sleeve, recovering=still)


def _week_labelled(state: DeskState, event: ev.WeekLabelled) -> DeskState:
    if event.family not in state.facts:
        return state
    return replace(state, facts=state.facts.delete(event.family))


def _notice_raised(state: DeskState, event: ev.NoticeRaised) -> DeskState:
    return replace(state, notices=state.notices.set(event.subject, state.day))


def _operator_asked(state: DeskState, event: inp.OperatorAsked) -> DeskState:
    """A look is taken for what is to be closed, rolled or classified."""
    kind = LOOKS_ASKED.get(event.request)
    if kind is None:
        return state
    alarm = Alarm(look_asked(event.request, event.subject), kind, state.instant, event.subject)
    return replace(state, looks=state.looks.set(alarm.id, alarm))


def look_asked(request: inp.OperatorRequest, subject: str) -> str:
    """The id of the look that a person's request is answered by."""
    return f"asked/{request.value}/{subject}"


def _request_denied(state: DeskState, event: ev.RequestDenied) -> DeskState:
    asked = look_asked(event.request, event.subject)
    looks = state.looks.delete(asked) if asked in state.looks else state.looks
    return replace(state, looks=looks, denied=(*state.denied, Denial(state.sequence, event)))


def _week_closed(state: DeskState, event: ev.WeekClosed) -> DeskState:
    if event.is_final:
        return state
    return replace(state, new_families=())


def _broker_reported(state: DeskState, event: inp.BrokerReported) -> DeskState:
    if isinstance(event.report, LinkChanged):
        return with_line_changed(replace(state, is_link_up=event.report.is_up))
    return state


def _desk_resumed(state: DeskState, _event: inp.DeskResumed) -> DeskState:
    return with_restart(replace(state, is_resuming=True))


def _desk_reconciled(state: DeskState, _event: ev.DeskReconciled) -> DeskState:
    return with_comparison(replace(state, is_resuming=False))


FOLDS: Folds = {
    inp.DeskOpened: _desk_opened,
    inp.WeekPlanned: _week_planned,
    inp.AlarmRang: _alarm_rang,
    inp.PriceAlarmRang: _price_alarm_rang,
    inp.MarketSampled: _market_sampled,
    inp.BrokerReported: _broker_reported,
    inp.DeskResumed: _desk_resumed,
    inp.OperatorAsked: _operator_asked,
    ev.AlarmsSet: _alarms_set,
    ev.AlarmsDropped: _alarms_dropped,
    ev.PriceAlarmsSet: _price_alarms_set,
    ev.ConditionClassified: _condition_classified,
    ev.EntriesWeighed: _entries_weighed,
    ev.LevelChanged: _level_changed,
    ev.OutcomeClassified: _outcome_classified,
    ev.WeekLabelled: _week_labelled,
    ev.NoticeRaised: _notice_raised,
    ev.RequestDenied: _request_denied,
    ev.WeekClosed: _week_closed,
    ev.DeskReconciled: _desk_reconciled,
}
