"""Rows of the read side that questions need: what is due, alerts, floors, what was switched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.domain.alarms import AlarmKind
from allusedesk.domain.arming import LiveArmed, LiveDisarmed
from allusedesk.domain.strategy_events import StrategySwitched
from allusedesk.domain.trust import FourEyesChanged, TrustAllowed
from allusedesk.journal.read_tables import Place

# What a person would wait for; what an order on its way waits for is none of it.
_AWAITED = frozenset(
    {
        AlarmKind.PLAN,
        AlarmKind.FINAL_REPORT,
        AlarmKind.CONDITION,
        AlarmKind.OPENING,
        AlarmKind.ENTRY,
        AlarmKind.MANAGE,
        AlarmKind.LADDER,
        AlarmKind.CLOSING,
        AlarmKind.ASSIGNMENT,
        AlarmKind.PIN_RISK,
        AlarmKind.CLOSE,
        AlarmKind.REPORT,
        AlarmKind.STRATEGIES,
    }
)


def _alarms_set(place: Place, event: told.AlarmsSet) -> None:
    for alarm in event.alarms:
        if alarm.kind in _AWAITED:
            place.put(
                "alarms",
                id=alarm.id,
                kind=alarm.kind,
                due_at=alarm.due_at,
                subject=alarm.subject,
                is_dropped=False,
            )


def _alarms_dropped(place: Place, event: told.AlarmsDropped) -> None:
    for alarm in event.alarms:
        place.change("alarms", alarm, is_dropped=True)


def _alert_raised(place: Place, event: heard.AlertRaised) -> None:
    place.put(
        "alerts",
        recorded_at=place.recorded_at,
        week=place.week,
        id=event.alert.id,
        severity=event.alert.severity,
        text=event.alert.text,
        acknowledged_by="",
    )


def _alert_cleared(place: Place, event: heard.AlertCleared) -> None:
    # An alert that was cleared may have been raised again: only the one that stands ends.
    place.tables.execute(
        "UPDATE alerts SET cleared_in = ? WHERE id = ? AND cleared_in IS NULL",
        (place.sequence, event.alert),
    )


def _alert_acknowledged(place: Place, event: heard.AlertAcknowledged) -> None:
    place.tables.execute(
        "UPDATE alerts SET acknowledged_by = ?, acknowledged_in = ? "
        "WHERE id = ? AND cleared_in IS NULL",
        (event.operator.encode("utf-8", "replace").decode(), place.sequence, event.alert),
    )


def _floor_set(place: Place, event: told.SurplusFloorSet) -> None:
    place.put(
        "floors", week=place.week, account=event.account, base=event.base, reason=event.reason
    )


def _switched(place: Place, what: str, subject: str, setting: str, by: str, why: str = "") -> None:
    place.put(
        "switches",
        recorded_at=place.recorded_at,
        what=what,
        subject=subject,
        setting=setting,
        operator=by,
        reason=why,
    )


def _trust_allowed(place: Place, event: TrustAllowed) -> None:
    _switched(place, "trust", event.kind.value, event.level.value, event.operator)


def _strategy_switched(place: Place, event: StrategySwitched) -> None:
    subject = f"{event.strategy} in {event.account}"
    setting = "on" if event.is_on else "off"
    _switched(place, "strategy", subject, setting, event.operator, event.reason)


def _armed(place: Place, event: LiveArmed) -> None:
    _switched(place, "live", event.account, "armed", event.operator)


def _disarmed(place: Place, event: LiveDisarmed) -> None:
    _switched(place, "live", "", "disarmed", "", event.reason)


def _four_eyes(place: Place, event: FourEyesChanged) -> None:
    setting = "never" if event.above is None else f"above {event.above}"
    by = f"{event.operator} and {event.second}" if event.second else event.operator
    _switched(place, "second signature", "", setting, by)


ASKED_PROJECTIONS: dict[type, Callable[[Place, Any], None]] = {
    told.AlarmsSet: _alarms_set,
    told.AlarmsDropped: _alarms_dropped,
    heard.AlertRaised: _alert_raised,
    heard.AlertCleared: _alert_cleared,
    heard.AlertAcknowledged: _alert_acknowledged,
    told.SurplusFloorSet: _floor_set,
    TrustAllowed: _trust_allowed,
    StrategySwitched: _strategy_switched,
    LiveArmed: _armed,
    LiveDisarmed: _disarmed,
    FourEyesChanged: _four_eyes,
}
