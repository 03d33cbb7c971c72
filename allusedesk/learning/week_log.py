"""What the desk recorded of its weeks, gathered entry by entry."""

from __future__ import annotations

import math
from collections import Counter

from allusedesk.domain.events import (
    BalancesMarked,
    ConditionClassified,
    OutcomeClassified,
    WeekLabelled,
)
from allusedesk.domain.inputs import WeekPlanned
from allusedesk.learning.features import WeekAsked, WeekPast

_INTERIM = "interim"
# Entries of other kinds say nothing of what a week was.
HEARD_KINDS = (
    WeekPlanned,
    ConditionClassified,
    WeekLabelled,
    OutcomeClassified,
    BalancesMarked,
)


class WeekLog:
    """The planned weeks in order, and what was recorded of each so far."""

    def __init__(self) -> None:
        self._asked: dict[str, WeekAsked] = {}
        self._conditions: dict[str, str] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._outcomes: dict[str, Counter[str]] = {}
        self._drawdowns: dict[str, float] = {}
        self._latest = ""

    def hear(self, event: object) -> None:
        """Take one entry's fact; those of other kinds are passed over."""
        match event:
            case WeekPlanned(week=week):
                self._latest = str(week.id)
                days = [session.date for session in week.sessions]
                self._asked[self._latest] = WeekAsked(self._latest, days[0], days[-1], len(days))
            case ConditionClassified(week=name, condition=condition):
                self._conditions[str(name)] = condition
            case WeekLabelled(week=name, family=family, label=label):
                self._labels.setdefault(str(name), {})[family] = label
            case OutcomeClassified(week=name, outcome=outcome, tag=tag) if tag != _INTERIM:
                self._outcomes.setdefault(str(name), Counter())[outcome] += 1
            case BalancesMarked(marks=marks) if marks:
                fallen = [float(mark.drawdown) for mark in marks]
                self._drawdowns[self._latest] = math.fsum(fallen) / len(fallen)
            case _:
                pass

    @property
    def latest(self) -> WeekAsked | None:
        """The week that was planned last."""
        return self._asked.get(self._latest)

    def weeks(self) -> tuple[WeekAsked, ...]:
        """Every planned week, oldest first."""
        return tuple(self._asked[name] for name in sorted(self._asked))

    def past(self, name: str) -> WeekPast | None:
        """What was recorded of a week; None where nothing was."""
        outcomes = self._outcomes.get(name)
        labels = self._labels.get(name)
        condition = self._conditions.get(name)
        if outcomes is None and labels is None and condition is None:
            return None
        return WeekPast(
            name,
            condition,
            _pairs(Counter((labels or {}).values())),
            _pairs(outcomes or Counter()),
            self._drawdowns.get(name),
        )


def _pairs(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
