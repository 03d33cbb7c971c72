"""A recorded market tried out before a desk is opened on it: what is there, and what is missing."""

from __future__ import annotations

from allusedesk.approvals.policy import PolicyRefused
from allusedesk.engine.clock import WallClock
from allusedesk.journal.faults import JournalFault
from allusedesk.market.history import FileRefused
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from allusedesk.wiring.choices import exchange_calendar, policy_of, rulebook_text
from allusedesk.wiring.live_desk import history_now
from allusedesk.wiring.live_history import traded_symbols
from allusedesk.wiring.recorded_world import feed_of, history_of, sessions_of
from allusedesk.wiring.requests import ASK, Connections, RehearsalRequest, RequestRefused

_TRIAL_SECONDS = 10.0


class DeskRefused(Exception):
    """A desk that could not be opened; the text is one plain sentence."""


def _try_now(request: RehearsalRequest, connections: Connections) -> tuple[str, ...]:
    """Reach the broker and the feed of a desk in real time, and read what is known of the past."""
    from allusedesk.wiring.connecting import Trial, try_lines

    try:
        rules = parse_rulebook(rulebook_text(request.rulebook))
        history = history_now(request, rules, WallClock())
        wanted = Trial(connections.broker, connections.feed)
        reached = try_lines(wanted, _TRIAL_SECONDS, lambda _part, _what: None)
    except (
        RequestRefused,
        RulebookRefused,
        FileRefused,
        JournalFault,
        ConnectionError,
    ) as refusal:
        raise DeskRefused(str(refusal)) from refusal
    _refuse_too_little(request, rules)
    return (
        f"{rules.id} in real time, {connections.mode.value}.",
        *reached,
        f"It trades {', '.join(traded_symbols(request, rules))}.",
        *history.choices,
    )


def _refuse_too_little(request: RehearsalRequest, rules: Rulebook) -> None:
    least = rules.capital.start_min
    if request.capital < least:
        raise DeskRefused(f"The smallest start capital of {rules.id} is {least}: raise it.")


def try_market(request: RehearsalRequest) -> tuple[str, ...]:
    """Open everything a desk would open, and tell what was found, one sentence each.

    Nothing is written. Raises DeskRefused with what is wrong and what to give instead.
    """
    if request.connections is not None:
        return _try_now(request, request.connections)
    try:
        rules = parse_rulebook(rulebook_text(request.rulebook))
        if request.approve != ASK:
            policy_of(request.approve)
        calendar = exchange_calendar()
        sessions = sessions_of(request, calendar)
        history = history_of(request, rules, calendar)
        feed = feed_of(history, sessions, calendar, request.seed)
    except (RequestRefused, RulebookRefused, FileRefused, PolicyRefused, JournalFault) as refusal:
        raise DeskRefused(str(refusal)) from refusal
    _refuse_too_little(request, rules)
    first, last = sessions[0].date, sessions[-2].date if len(sessions) > 1 else sessions[0].date
    health = feed.health()
    return (
        f"{rules.id} over {len(sessions) - 1} sessions, {first} to {last}.",
        f"Prices of {', '.join(sorted(history.symbols))}; trend read from {history.trend.symbol}.",
        *(f"{choice.removesuffix('.')}." for choice in history.choices),
        *health.notes,
    )
