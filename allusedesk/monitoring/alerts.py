"""Alert rules: readings in, alerts raised and cleared out; pure, and told the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from allusedesk.domain.alerts import Alert, Severity
from allusedesk.domain.inputs import AlertCleared, AlertRaised

# By measure, then by subject; the empty subject where there is but one. What cannot be said just
# now is left out, and nothing is held against it.
Readings = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One measure held to a limit.

    The condition is a reading above `limit` (below it where not `is_above`) for `for_seconds`
    without a break. It clears once readings were back at `clears_at`, or missing, for
    `clear_seconds`; between the two limits nothing changes. `text` is a format of `value`,
    `limit` and `subject`.
    """

    id: str
    measure: str
    severity: Severity
    limit: float
    clears_at: float
    is_above: bool
    for_seconds: float
    clear_seconds: float
    text: str

    def is_broken(self, value: float) -> bool:
        """True where a reading is beyond the limit."""
        return value > self.limit if self.is_above else value < self.limit

    def is_well(self, value: float) -> bool:
        """True where a reading is far enough on the good side for an alert to clear."""
        return value <= self.clears_at if self.is_above else value >= self.clears_at

    def alert(self, subject: str, value: float) -> Alert:
        """The alert this rule raises."""
        text = self.text.format(value=value, limit=self.limit, subject=subject)
        return Alert(self.id, subject, self.severity, value, self.limit, text)


class AlertBook:
    """Which alerts stand, and since when conditions hold or are over.

    `standing` are alerts of before a restart: they are neither raised again nor forgotten.
    """

    def __init__(self, rules: Iterable[AlertRule], standing: Iterable[Alert] = ()) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self.standing = {alert.id: alert for alert in standing}
        self._broken_since: dict[str, float] = {}
        self._well_since: dict[str, float] = {}

    def look(self, readings: Readings, at: float) -> tuple[AlertRaised | AlertCleared, ...]:
        """What changes with these readings, taken at `at` seconds of real time.

        An alert of a rule that is no more clears at once.
        """
        changes: list[AlertRaised | AlertCleared] = []
        for alert in tuple(self.standing.values()):
            rule = self._rules.get(alert.rule)
            value = readings.get(rule.measure, {}).get(alert.subject) if rule else None
            if self._is_over(alert, rule, value, at):
                del self.standing[alert.id]
                changes.append(AlertCleared(alert.id))
        broken_since, self._broken_since = self._broken_since, {}
        for rule in self._rules.values():
            for subject, value in sorted(readings.get(rule.measure, {}).items()):
                alert = rule.alert(subject, value)
                if alert.id in self.standing or not rule.is_broken(value):
                    continue
                since = broken_since.get(alert.id, at)
                if at - since < rule.for_seconds:
                    self._broken_since[alert.id] = since
                    continue
                self.standing[alert.id] = alert
                changes.append(AlertRaised(alert))
        return tuple(changes)

    def _is_over(
        self, alert: Alert, rule: AlertRule | None, value: float | None, at: float
    ) -> bool:
        if rule is None:
            return True
        if value is not None and not rule.is_well(value):
            self._well_since.pop(alert.id, None)
            return False
        if at - self._well_since.setdefault(alert.id, at) < rule.clear_seconds:
            return False
        del self._well_since[alert.id]
        return True
