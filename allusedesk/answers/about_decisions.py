"""Answers about decisions: why nothing was entered, what was rejected, approved and refused."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.answers.about_orders import named_order
from allusedesk.answers.about_trades import proposal_row
from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, instant, percent
from allusedesk.answers.scopes import last_week, of_what, scope, this_week
from allusedesk.journal.queries.asked import Scope, TurnedDownSum, rows_asked, turned_down_asked
from allusedesk.journal.queries.asked_decisions import (
    DecisionAsked,
    alarms_due,
    answers_asked,
    expired_at,
    settings_now,
    trust_counts,
)
from allusedesk.journal.queries.asked_orders import (
    ProposalAsked,
    orders_asked,
    proposals_asked,
    proposals_named,
)
from allusedesk.journal.queries.asked_weeks import conditions_asked
from allusedesk.journal.read_values import Look, Notice
from allusedesk.journal.words.rules import rule_in_words

_ROWS_MAX = 20
_PROPOSALS = ("made", "sleeve", "proposal", "units", "net", "became", "by")
_RULES = ("sleeve", "rule", "times", "what it means", "the last time")


def why_no_entries(asking: Asking) -> Answer:
    """What kept a sleeve or a symbol from an entry, by rule; or that it did enter."""
    otherwise = this_week(asking)
    if not rows_asked(asking.side, Look, "looks", scope(asking, otherwise), "look = 'entry'"):
        # Its day of entries may not have come yet this week.
        otherwise = last_week(asking)
    span, where = asking.within(otherwise), scope(asking, otherwise)
    entered = orders_asked(asking.side, where, "kind IN ('entry', 'covered call')")
    stopped = turned_down_asked(asking.side, where)
    looks = rows_asked(asking.side, Look, "looks", where, "look = 'entry'")
    said: list[tuple[Part, ...]] = []
    if entered:
        said.append(
            (
                f"It did: {of_what(asking).removeprefix(' of ') or 'the desk'} had ",
                count(len(entered), "entry order", (one.sequence for one in entered)),
                f" {span.when}, such as {entered[-1].legs}.",
            )
        )
    else:
        said.append(
            (
                f"No entry order{of_what(asking)} is on record {span.when}; ",
                count(len(looks), "look", (one.sequence for one in looks)),
                " for entries came to nothing." if looks else " for entries was taken at all.",
            )
        )
    said += [(_reason(stopped[0]))] if stopped else []
    said += _frozen(asking, where)
    for one in conditions_asked(asking.side, span.weeks)[-1:]:
        if one.condition is not None:
            said.append(
                (f"The condition of {one.week} was ", fact(one.condition, one.sequence), ".")
            )
    table = Table(_RULES, tuple(_rule_row(one) for one in stopped[:_ROWS_MAX]))
    if not entered and not looks and not stopped:
        nothing = f"No look for entries{of_what(asking)} is on record {span.when}."
        return asking.nothing(nothing)
    return asking.answer(*said, table=table if stopped else None, about=span.words)


def _reason(one: TurnedDownSum) -> tuple[Part, ...]:
    value = f" ({one.value}, {one.limit_value})" if one.value and one.limit_value else ""
    return (
        "What stopped candidates most often was ",
        fact(one.rule, one.sequence),
        f": {rule_in_words(one.rule)}; the last time {one.candidate}, {one.reason}{value}.",
    )


def _rule_row(one: TurnedDownSum) -> tuple[Part, ...]:
    return (
        one.account,
        one.rule,
        fact(one.count, one.sequence),
        rule_in_words(one.rule),
        one.candidate,
    )


def _frozen(asking: Asking, where: Scope) -> list[tuple[Part, ...]]:
    found = rows_asked(
        asking.side, Notice, "notices", where, "subject IN ('freeze', 'breaker', 'halt')"
    )
    wanted = asking.slots.accounts
    told = [
        one
        for one in found
        if one.subject != "freeze" or not wanted or any(name in one.text for name in wanted)
    ]
    return [("The record also says: ", fact(one.text, one.sequence)) for one in told[-2:]]


def refusals(asking: Asking) -> Answer:
    """What the rules turned down, and what our own checks refused after it was proposed."""
    otherwise = last_week(asking) if "week" in asking.plain else None
    span, where = asking.within(otherwise), scope(asking, otherwise)
    stopped = turned_down_asked(asking.side, where)
    refused = proposals_asked(asking.side, where, "verdict = 'refused'")
    if not stopped and not refused:
        return asking.nothing(f"Nothing was turned down {span.when}{of_what(asking)}.")
    whole = sum(one.count for one in stopped)
    said: list[tuple[Part, ...]] = [
        (
            f"{span.opening}{of_what(asking)} ",
            count(whole, "candidate", (one.sequence for one in stopped)),
            " never became a proposal, and ",
            count(len(refused), "proposal", (one.decided_in for one in refused)),
            " was refused by our own checks." if len(refused) == 1
            else " were refused by our own checks.",
        )
    ]  # fmt: skip
    if stopped:
        said.append(_reason(stopped[0]))
    said += [
        (
            "The last refusal: ",
            fact(one.verdict_reason, one.decided_in),
            f", {rule_in_words(one.verdict_reason)}: {one.legs}.",
        )
        for one in refused[-1:]
    ]
    rows = tuple(_rule_row(one) for one in stopped[:_ROWS_MAX])
    return asking.answer(*said, table=Table(_RULES, rows) if rows else None, about=span.words)


def rejections(asking: Asking) -> Answer:
    """What persons rejected or changed, why, and what the contract was worth at its end."""
    span = asking.within()
    found = answers_asked(asking.side, scope(asking), ("rejected", "vetoed", "edited"))
    own = [one for one in found if _is_named(one, asking.plain)] or found
    if not own:
        return asking.nothing(
            f"No person rejected, vetoed or changed a proposal {span.when}{of_what(asking)}."
        )
    said: list[tuple[Part, ...]] = [
        (
            f"{span.opening}{of_what(asking)} ",
            count(len(own), "proposal", (one.sequence for one in own)),
            " was overruled by a person." if len(own) == 1 else " were overruled by a person.",
        )
    ]
    shown = own[-_ROWS_MAX:]
    made = proposals_named(asking.side, [one.id for one in shown])
    rows = [_rejected_row(asking, one, made.get(one.id)) for one in shown]
    titles = ("when", "by", "did", "proposal", "reason", "what happened then")
    return asking.answer(*said, table=Table(titles, tuple(rows)), about=span.words)


def _is_named(one: DecisionAsked, plain: str) -> bool:
    return one.operator.casefold() in plain


def _rejected_row(
    asking: Asking, one: DecisionAsked, made: ProposalAsked | None
) -> tuple[Part, ...]:
    then: Part = "not known"
    if made is not None:
        then = _then(asking, made)
    return (
        instant(one.recorded_at, one.sequence),
        one.operator,
        fact(one.effect, one.sequence),
        made.legs if made is not None else one.kind,
        one.reason or "none given",
        then,
    )


def _then(asking: Asking, made: ProposalAsked) -> Part:
    """What one contract sold would have been worth at its expiry, if that is on record."""
    if made.quantity_done:
        return "traded as changed"
    ended = expired_at(asking.side, made.legs, asking.today)
    if ended is None:
        return "its end is not on record"
    if made.credit_net is None:
        return "it had no price"
    gain = (made.credit_net.per_unit - ended.worth) * 100 * made.quantity
    word = "would have gained" if gain >= 0 else "would have lost"
    shown = dollars(abs(gain)).text
    return fact(
        f"{ended.symbol} closed at {ended.spot:.2f}: {word} {shown}",
        ended.sequence,
        nature=Nature.ESTIMATE,
    )


def approvals(asking: Asking) -> Answer:
    """Who approved what, the newest last; or who approved the one order that is named."""
    named = named_order(asking)
    if named is not None:
        return named
    otherwise = None if asking.slots.symbol else last_week(asking)
    span = asking.within(otherwise)
    also = "verdict = 'approved'"
    if "roll" in asking.plain:
        also += " AND kind = 'roll'"
    found = proposals_asked(asking.side, scope(asking, otherwise), also)
    if not found:
        return asking.nothing(f"No approval is on record {span.when}{of_what(asking)}.")
    by: dict[str, list[ProposalAsked]] = {}
    for one in found:
        by.setdefault(one.decided_by or "nobody on record", []).append(one)
    said: list[Part] = [f"{span.opening}{of_what(asking)}: "]
    for place, (name, own) in enumerate(sorted(by.items(), key=lambda item: -len(item[1]))):
        said += [
            ", " if place else "",
            fact(f"{name} approved {len(own)}", *(one.decided_in for one in own)),
        ]
    rows = tuple(proposal_row(one) for one in found[-_ROWS_MAX:])
    return asking.answer((*said, "."), table=Table(_PROPOSALS, rows), about=span.words)


def waiting(asking: Asking) -> Answer:
    """What waits for a person at the record's end."""
    where = scope(asking)
    opened = proposals_asked(asking.side, where, "verdict = 'open'")
    live = orders_asked(asking.side, where, "status = 'unknown'")
    halted = list(rows_asked(asking.side, Notice, "notices", where,
                                        "subject = 'halt'"))[-1:]  # fmt: skip
    stands = [one for one in halted if one.severity == "alarm"]
    alerts = asking.side.rows(
        "SELECT sequence, text FROM alerts WHERE cleared_in IS NULL AND acknowledged_by = '' "
        "ORDER BY sequence"
    )
    at = f"{asking.now:%Y-%m-%d %H:%M} UTC"
    if not opened and not live and not stands and not alerts:
        return asking.nothing(
            f"Nothing waits for you at the end of the record ({at}): no open proposal, no order of "
            "unknown fate, no halt, no alert without a person's note."
        )
    said: list[tuple[Part, ...]] = [
        (
            count(len(opened), "proposal", (one.sequence for one in opened)),
            " waits for an answer." if len(opened) == 1 else " wait for an answer.",
        )
    ]
    said += [("The desk is halted: ", fact(one.text, one.sequence)) for one in stands]
    if live:
        said.append(
            (count(len(live), "order", (one.status_in for one in live)), " of unknown fate.")
        )
    said += [("Alert: ", fact(text, sequence)) for sequence, text in alerts[:5]]
    said.append(("Answer in Approvals in the desk's window; nothing can be approved here.",))
    rows = tuple(proposal_row(one) for one in opened[:_ROWS_MAX])
    return asking.answer(*said, table=Table(_PROPOSALS, rows) if rows else None)


def due_next(asking: Asking) -> Answer:
    """The looks and reports that come next."""
    due = alarms_due(asking.side, asking.now)
    wanted = asking.slots.accounts
    kinds = {one.partition(".")[2] for one in wanted}
    found = [one for one in due if not kinds or not one.subject or one.subject in kinds
             or one.subject in wanted]  # fmt: skip
    if not found:
        return asking.nothing("Nothing is due any more in the week that was planned last.")
    first = found[0]
    said = (
        "Next: ",
        fact(first.kind, first.sequence),
        f" {_subject(first.subject)}on ",
        instant(first.due_at, first.sequence),
        " New York.",
    )
    rows = tuple(
        (instant(one.due_at, one.sequence), one.kind, one.subject or "-") for one in found[:12]
    )
    return asking.answer(said, table=Table(("when", "what", "of"), rows))


def _subject(subject: str) -> str:
    return f"of {subject} " if subject else ""


def trust(asking: Asking) -> Answer:
    """What persons let trust do, and how each kind of decision fared with them."""
    allowed = settings_now(asking.side, "trust")
    counted = trust_counts(asking.side)
    said: list[tuple[Part, ...]] = []
    if allowed:
        said = [
            (
                f"Trust acts for {one.subject} up to level ",
                fact(one.setting, one.sequence),
                f", by {one.operator}.",
            )
            for one in allowed
        ]
    else:
        said.append(("Nobody has switched trust on: every proposal waits for its answer.",))
    if not counted:
        said.append(("No person has answered a proposal in this record yet.",))
    rows = tuple(
        (
            kind,
            fact(whole, first, last),
            fact(agreed, first, last),
            percent(Decimal(agreed) / whole, first, last, places=0),
        )
        for kind, whole, agreed, first, last in counted
    )
    said.append(("What each kind has earned by its outcomes stands in `journal trust`.",))
    titles = ("kind", "answered by persons", "approved as proposed", "share")
    return asking.answer(*said, table=Table(titles, rows) if rows else None)
