"""The market condition of the week: decided before its first session, and again on demand."""

from __future__ import annotations

from allusedesk.domain.alarms import Alarm
from allusedesk.domain.commands import TakeSample
from allusedesk.domain.events import ConditionClassified, RequestDenied
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.engine.draft import Draft
from allusedesk.engine.folds.week import look_asked
from allusedesk.engine.looks import watch_for
from allusedesk.protocol.market_condition import MissingEvidence, read_market


def classify(draft: Draft, snapshot: MarketSnapshot) -> MissingEvidence | None:
    """Record what the market is and the evidence for it; or return what is missing."""
    reading = read_market(snapshot, draft.state.rules)
    if isinstance(reading, MissingEvidence):
        return reading
    draft.record(
        ConditionClassified(
            draft.state.week_id,
            reading.verdict.condition.value,
            reading.verdict.rule,
            (*reading.verdict.comparisons, *reading.deployment.comparisons),
            reading.deployment.fraction,
            reading.vix,
            reading.vix_average,
        )
    )
    return None


def on_classify(draft: Draft, event: OperatorAsked) -> None:
    """Look at the market for a person; the answer comes to `on_condition_asked`."""
    state, week = draft.state, draft.state.week
    if week is None or event.subject != str(week.id):
        under_way = f"the week under way is {week.id}" if week is not None else "none is planned"
        _deny(draft, event.subject, "week.other", under_way)
        return
    if state.instant >= week.sessions[-1].closes_at:
        reason = "its last session is over; the next week's is decided before its first"
        _deny(draft, event.subject, "week.over", reason)
        return
    name = look_asked(event.request, event.subject)
    watch = watch_for(state, state.looks[name])
    if watch is not None:
        draft.wish(TakeSample(name, watch))


def on_condition_asked(draft: Draft, look: Alarm, snapshot: MarketSnapshot) -> None:
    """Decide the week's condition anew; without evidence what was decided stands."""
    missing = classify(draft, snapshot)
    if missing is not None:
        reason = f"{missing.reason.rstrip('.')}; what was decided stands"
        _deny(draft, look.subject, "condition.missing", reason)


def _deny(draft: Draft, subject: str, rule: str, reason: str) -> None:
    draft.record(RequestDenied(OperatorRequest.CLASSIFY, subject, rule, reason))
