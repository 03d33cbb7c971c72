"""Every kind of question, with the function that answers it."""

from __future__ import annotations

from collections.abc import Callable

from allusedesk.answers import about_weeks
from allusedesk.answers.answer import Answer
from allusedesk.answers.asking import Asking

Reply = Callable[[Asking], Answer]

REPLIES: dict[str, Reply] = {
    "result": about_weeks.result,
    "week_label": about_weeks.week_label,
    "week_outcomes": about_weeks.week_outcomes,
    "condition": about_weeks.condition,
    "condition_counts": about_weeks.condition_counts,
    "best_week": about_weeks.best_week,
    "worst_week": about_weeks.worst_week,
    "targets_met": about_weeks.targets_met,
    "drawdown": about_weeks.drawdown,
}
