"""The legal steps of a sleeve through its day (protocol, section 10)."""

from __future__ import annotations

from allusedesk.domain.events import SleeveState
from allusedesk.protocol.rulebook import Rulebook

# Left by a person's word alone, never by the turn of the week.
STOPPED_STATES = frozenset({SleeveState.EMERGENCY, SleeveState.AUDIT, SleeveState.MAINTENANCE})


class StepNotAllowed(Exception):
    """No legal way leads a sleeve from one state to another."""


def states_after(before: SleeveState, rulebook: Rulebook) -> tuple[SleeveState, ...]:
    """The states a sleeve may move to next."""
    return next(step.next for step in rulebook.states.steps if step.state is before)


def path_between(
    before: SleeveState, after: SleeveState, rulebook: Rulebook
) -> tuple[SleeveState, ...]:
    """The fewest legal steps from one state to another, both ends as the caller stands.

    Empty where it stands there already. Raises StepNotAllowed where no way leads there.
    """
    ways: list[tuple[SleeveState, ...]] = [()]
    seen = {before}
    if before is after:
        return ()
    for way in ways:
        here = way[-1] if way else before
        for following in states_after(here, rulebook):
            if following is after:
                return (*way, following)
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    raise StepNotAllowed(f"No way leads a sleeve from {before.value} to {after.value}.")
