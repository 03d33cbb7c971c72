"""Sentences about decisions: what was wanted, what was turned down, and what a rule did."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.domain import events as told
from allusedesk.domain.proposals import Comparison, Proposal, TurnedDown
from allusedesk.journal.words.figures import in_words, met_in_words
from allusedesk.journal.words.phrases import (
    legs_in_words,
    listed,
    net_in_words,
    percent,
)
from allusedesk.journal.words.rules import rule_in_words

_CANDIDATES_MAX = 20
# When a proposal was made is told by its instant; what else it was held against follows.
TOLD_BY_ITS_INSTANT = ("entry day", "time in New York", "quote age in seconds", "bid and ask")
_FREEZES = {
    "recovery.freeze": "GBR-4 froze its entries until a person resumes them",
    "level.L3": "a put was left at its stop; a person must reset the sleeve",
    "kill switch": "the kill switch was pressed",
    "paused": "a person paused it",
}
_THAWED = {
    "recovery.freeze": "a person resumed it after GBR-4",
    "level.L3": "a person reset it after a stop",
    "kill switch": "the kill switch was released",
    "paused": "a person let it go on",
}
_BREAKERS = {
    "hedged": "sizes are halved and rolls are defensive only",
    "safe": "nothing new is entered",
    "kill": "working openings are taken back and every sleeve stands in EMERGENCY; protective "
    "closes go on",
    "drawdown": "it sells no puts, only covered calls, until it has recovered",
    "hedge": "hedges are called for",
}


def turned_down(turned: Sequence[TurnedDown]) -> str:
    """Each candidate with the rule that stopped it, why, and by how much."""
    return listed(
        (f"{one.candidate} by {one.rule} ({_why(one)})" for one in turned), _CANDIDATES_MAX
    )


def _why(turned: TurnedDown) -> str:
    """The reason with its figures, and how many others it stopped as well."""
    said = reason_in_words(turned.reason, turned.value, turned.limit)
    return f"{said}; {turned.count} of them" if turned.count > 1 else said


def reason_in_words(reason: str, value: str, limit: str) -> str:
    """Why a candidate was turned down, with the figure and its limit where there are any."""
    breaker = reason.removeprefix("breaker.")
    if reason in _FREEZES:
        said = _FREEZES[reason]
    elif breaker != reason and breaker in _BREAKERS:
        said = f"breaker {breaker} stands: {_BREAKERS[breaker]}"
    else:
        said = in_words(reason, rule_in_words(reason) if _is_rule(reason) else reason)
    figures = [in_words(reason, text) for text in (value, limit) if text]
    return f"{said}: {', '.join(figures)}" if figures else said


def _is_rule(text: str) -> bool:
    return "." in text and " " not in text


def proposal_made(event: told.ProposalMade) -> str:
    """What is wanted and why, what it can earn, and the figures it was held against."""
    made: Proposal = event.proposal
    said = [f"{made.id} proposes {_wanted(made)} under {made.rule}: {made.reason}"]
    if made.most_earnable is not None and made.target is not None:
        said.append(
            f"It can earn at most {percent(made.most_earnable)} of what it ties up; the weekly "
            f"target is {percent(made.target)}."
        )
    held = [one for one in made.comparisons if one.name not in TOLD_BY_ITS_INSTANT]
    if held:
        said.append(f"Held against the rules: {listed(met_in_words(held))}.")
    if made.amounts:
        said.append(f"Money: {listed(f'{one.name} {one.amount}' for one in made.amounts)}.")
    return " ".join(said)


def _wanted(made: Proposal) -> str:
    kind = made.kind.value
    if not made.legs:
        return kind
    trade = f"{made.quantity} x {legs_in_words(made.legs)}"
    return f"{trade} for {net_in_words(made.credit_net)} as {kind}"


def level_changed(event: told.LevelChanged) -> str:
    """What it is measured from is not part of the fact, but follows from it."""
    start = event.spot.per_unit + event.distance * event.atr
    where, measured = (
        ("under", event.distance) if event.distance >= 0 else ("over", -event.distance)
    )
    return (
        f"{event.position} went from {event.level_before} to {event.level}: price {event.spot} is "
        f"{measured:.2f} true ranges of {event.atr:.2f} {where} {start:.2f}."
    )


def outcome_classified(event: told.OutcomeClassified) -> str:
    """How a position or an idle sleeve ended its week, and by which figures."""
    measured = f"; {', '.join(met_in_words(event.comparisons))}" if event.comparisons else ""
    action = f": {event.action}" if event.action else ""
    return (
        f"Week {event.week} of {event.position or event.account} ended as {event.outcome} "
        f"({event.tag}{measured}){action}."
    )


def sleeve_frozen(event: told.SleeveFrozen) -> str:
    """What stops a sleeve, and who lets it go on."""
    symbol = f" in {event.symbol}" if event.symbol else ""
    return f"{event.account} enters nothing{symbol}: {_FREEZES.get(event.reason, event.reason)}."


def sleeve_thawed(event: told.SleeveThawed) -> str:
    """Who let a sleeve go on."""
    symbol = f" in {event.symbol}" if event.symbol else ""
    return f"{event.account} may enter again{symbol}: {_THAWED.get(event.reason, event.reason)}."


def breaker_tripped(event: told.BreakerTripped) -> str:
    """The figures that tripped a breaker, and what follows."""
    met = [one for one in event.comparisons if one.passed]
    effect = _BREAKERS.get(event.breaker, event.effect)
    return (
        f"Breaker {event.breaker} tripped for {event.account or 'the desk'}, since "
        f"{listed(met_in_words(met))}: {effect}."
    )


def failed_in_words(comparisons: Sequence[Comparison]) -> str:
    """The figures that did not pass."""
    return listed(met_in_words(one for one in comparisons if not one.passed))
