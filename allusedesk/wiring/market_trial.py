"""A recorded market tried out before a desk is opened on it: what is there, and what is missing."""

from __future__ import annotations

from allusedesk.approvals.policy import PolicyRefused
from allusedesk.journal.faults import JournalFault
from allusedesk.market.history import FileRefused
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, policy_of, rulebook_text
from allusedesk.wiring.recorded_world import feed_of, history_of, sessions_of
from allusedesk.wiring.requests import ASK, RehearsalRequest, RequestRefused


class TrialRefused(Exception):
    """A desk that could not be opened; the text is one plain sentence."""


def try_market(request: RehearsalRequest) -> tuple[str, ...]:
    """Open everything a desk would open, and tell what was found, one sentence each.

    Nothing is written. Raises TrialRefused with what is wrong and what to give instead.
    """
    try:
        rules = parse_rulebook(rulebook_text(request.rulebook))
        if request.approve != ASK:
            policy_of(request.approve)
        calendar = exchange_calendar()
        sessions = sessions_of(request, calendar)
        history = history_of(request, rules, calendar)
        feed = feed_of(history, sessions, calendar, request.seed)
    except (RequestRefused, RulebookRefused, FileRefused, PolicyRefused, JournalFault) as refusal:
        raise TrialRefused(str(refusal)) from refusal
    if request.capital < rules.capital.start_min:
        raise TrialRefused(
            f"The smallest start capital of {rules.id} is {rules.capital.start_min}: raise it."
        )
    first, last = sessions[0].date, sessions[-2].date if len(sessions) > 1 else sessions[0].date
    health = feed.health()
    return (
        f"{rules.id} over {len(sessions) - 1} sessions, {first} to {last}.",
        f"Prices of {', '.join(sorted(history.symbols))}; trend read from {history.trend.symbol}.",
        *(f"{choice}." if not choice.endswith(".") else choice for choice in history.choices),
        *health.notes,
    )
