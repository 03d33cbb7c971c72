"""Answers about weeks: results beside targets, conditions, labels and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from allusedesk.answers.answer import Answer, Figure, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, joined, percent
from allusedesk.answers.scopes import last_week, scope, this_week
from allusedesk.answers.slots import Span, iso_week
from allusedesk.domain.money import Money, total
from allusedesk.journal.queries import asked_weeks
from allusedesk.journal.queries.asked import Scope, rows_asked
from allusedesk.journal.queries.asked_weeks import SleeveSpan, SleeveWeek, WeekCondition
from allusedesk.journal.read_values import LabelSeen, OutcomeSeen

_ROWS_MAX = 30


def weeks_of(asking: Asking, otherwise: Span | None = None) -> tuple[SleeveWeek, ...]:
    """The sleeve weeks a question is about."""
    span = asking.within(otherwise)
    return asked_weeks.sleeve_weeks(asking.side, span.weeks, asking.slots.accounts)


def result(asking: Asking) -> Answer:
    """What a span earned; a single week beside its target."""
    span = asking.within(last_week(asking) if "week" in asking.plain else None)
    found = asked_weeks.sleeve_weeks(asking.side, span.weeks, asking.slots.accounts)
    if not found:
        return asking.nothing(f"No balances were marked {span.when}{asking.of_accounts}.")
    if span.weeks[0] == span.weeks[1] and span.first != span.last:
        return _one_week(asking, found, span)
    return _over_days(asking, found, span)


def _over_days(asking: Asking, weeks: Sequence[SleeveWeek], span: Span) -> Answer:
    """From the last close before the span to its own last, and the weeks that ended within."""
    found = asked_weeks.sleeve_spans(asking.side, span.first, span.last, asking.slots.accounts)
    if not found:
        return asking.nothing(f"No balances were marked {span.when}{asking.of_accounts}.")
    kind = Nature.MODELLED if any(one.is_modelled for one in found) else Nature.MEASURED
    entries = tuple(dict.fromkeys(entry for one in found for entry in one.entries))
    gain = total([one.gain for one in found])
    said: tuple[Part, ...] = (
        f"{span.opening} {_who(asking)} ",
        "earned " if gain.amount >= 0 else "lost ",
        dollars(abs_money(gain), *entries, nature=kind),
        ", from the last close before to the last within: ",
        dollars(total([one.start for one in found]), *entries),
        " at the start, ",
        dollars(total([one.moved for one in found]), *entries, is_signed=True),
        " moved in or out since and left aside.",
    )
    ended = [one for one in weeks if span.first <= _friday(one.week) <= span.last]
    rows = tuple(
        _span_row(one, [week for week in ended if week.account == one.account]) for one in found
    )
    titles = ("sleeve", "began", "moved in", "ended", "gain", "weeks on target")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _friday(week: str) -> date:
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 5)


def _who(asking: Asking) -> str:
    return " and ".join(asking.slots.accounts) or "the desk"


def _gain(gain: Money, weeks: Sequence[SleeveWeek]) -> Figure:
    return dollars(abs_money(gain), *cited(weeks), nature=nature(weeks))


def abs_money(amount: Money) -> Money:
    """The amount without its sign."""
    return amount if amount.amount >= 0 else -amount


def cited(weeks: Sequence[SleeveWeek]) -> tuple[int, ...]:
    """The marks that sleeve weeks lie between."""
    return tuple(dict.fromkeys(entry for one in weeks for entry in one.entries))


def nature(weeks: Sequence[SleeveWeek]) -> Nature:
    """Modelled where any mark rests on modelled quotes."""
    return Nature.MODELLED if any(one.is_modelled for one in weeks) else Nature.MEASURED


def _span_row(one: SleeveSpan, weeks: Sequence[SleeveWeek]) -> tuple[Part, ...]:
    aimed = [week for week in weeks if week.target is not None]
    reached = [week for week in aimed if week.target is not None and week.value >= week.target]
    kind = Nature.MODELLED if one.is_modelled else Nature.MEASURED
    return (
        one.account,
        dollars(one.start, one.before_in or one.marked_in),
        dollars(one.moved, one.marked_in),
        dollars(one.end, one.marked_in, nature=kind),
        dollars(one.gain, *one.entries, nature=kind, is_signed=True),
        fact(f"{len(reached)} of {len(aimed)}", *(week.marked_in for week in reached)),
    )


def _one_week(asking: Asking, found: Sequence[SleeveWeek], span: Span) -> Answer:
    sentences: list[tuple[Part, ...]] = []
    rows: list[tuple[Part, ...]] = []
    for one in found:
        kind = nature([one])
        goal: Part = "-"
        verdict = "no target asked"
        if one.target is not None:
            goal = percent(one.target, one.asked_in, nature=Nature.TARGET)
            verdict = "reached" if one.value >= one.target else "missed"
        rows.append(
            (
                one.account,
                dollars(one.gain, *one.entries, nature=kind, is_signed=True),
                percent(one.value, *one.entries, nature=kind, is_signed=True),
                goal,
                verdict,
                dollars(one.end, one.marked_in, nature=kind),
            )
        )
    gain = total([one.gain for one in found])
    reached = [one for one in found if one.target is not None and one.value >= one.target]
    aimed = [one for one in found if one.target is not None]
    sentences.append(
        (
            f"In {found[0].week} {_who(asking)} ",
            "earned " if gain.amount >= 0 else "lost ",
            _gain(gain, found),
            "; ",
            fact(f"{len(reached)} of {len(aimed)}", *(one.marked_in for one in reached)),
            " sleeves with a target reached it.",
        )
    )
    if found[-1].week == iso_week(asking.today) and asking.today.weekday() < 4:
        sentences.append(("The week is not over yet.",))
    titles = ("sleeve", "gain", "return", "target", "", "equity")
    return asking.answer(*sentences, table=Table(titles, tuple(rows)), about=span.words)


def week_label(asking: Asking) -> Answer:
    """The label of one week, or how often each was given over several."""
    span = asking.within(None if _counts(asking) else last_week(asking))
    one_week = span.weeks[0] == span.weeks[1]
    seen = rows_asked(asking.side, LabelSeen, "labels", scope(asking, span))
    latest = {(one.week, one.family): one for one in seen}
    if not latest:
        return asking.nothing(f"No week was labelled {span.when}.")
    if one_week:
        said = [
            (
                f"{one.week} was ",
                fact(one.label, one.sequence),
                f" for family {one.family}",
                f" (also matched: {one.tags})." if one.tags else ".",
            )
            for one in latest.values()
        ]
        return asking.answer(*said, about=span.words)
    wanted = [one for one in latest.values() if _named(one.label, asking.plain)]
    chosen = wanted or list(latest.values())
    by_label: dict[str, list[LabelSeen]] = {}
    for one in chosen:
        by_label.setdefault(one.label, []).append(one)
    rows = tuple(
        (label, fact(len(own), *(one.sequence for one in own)), own[-1].week)
        for label, own in sorted(by_label.items(), key=lambda item: -len(item[1]))
    )
    parts = [
        (label + " ", fact(len(own), *(x.sequence for x in own))) for label, own in by_label.items()
    ]
    return asking.answer(
        (f"Labels {span.when}: ", *joined(parts), " (each family's week counts once)."),
        table=Table(("label", "weeks", "last in"), rows),
        about=span.words,
    )


def _named(label: str, plain: str) -> bool:
    return label.lower().replace("-", " ") in plain.replace("-", " ")


def _counts(asking: Asking) -> bool:
    return any(word in asking.plain for word in ("many", "mix", "often", "which weeks", "when"))


def week_outcomes(asking: Asking) -> Answer:
    """Every outcome of a week, or how often each came over several."""
    span = asking.within(None if asking.slots.outcome or _counts(asking) else last_week(asking))
    where = scope(asking, span)
    if span.weeks[0] != span.weeks[1]:
        return _outcome_counts(asking, where, span)
    seen = rows_asked(asking.side, OutcomeSeen, "outcomes", where, "tag != 'interim'")
    if asking.slots.symbol:
        named = lot_names(asking, [one.position or "" for one in seen])
        seen = tuple(
            one for one in seen if named.get(one.position or "", "").startswith(asking.slots.symbol)
        )
    if not seen:
        return asking.nothing(f"No outcome is on record for {span.words}{asking.of_accounts}.")
    named = lot_names(asking, [one.position or "" for one in seen])
    rows = tuple(
        (
            one.account,
            named.get(one.position or "", "no position"),
            fact(one.outcome, one.sequence),
            one.tag,
            one.action or "-",
        )
        for one in seen[:_ROWS_MAX]
    )
    counts = Counter(one.outcome for one in seen)
    parts = [
        (f"{code} ", fact(n, *(one.sequence for one in seen if one.outcome == code)))
        for code, n in counts.most_common()
    ]
    titles = ("sleeve", "position", "outcome", "", "action")
    said = (f"Outcomes of {span.words}{asking.of_accounts}: ", *joined(parts), ".")
    return asking.answer(said, table=Table(titles, rows), about=span.words)


def _outcome_counts(asking: Asking, where: Scope, span: Span) -> Answer:
    found = asked_weeks.outcomes_counted(asking.side, where)
    wanted = [one for one in found if one[0] == asking.slots.outcome]
    if asking.slots.outcome and not wanted:
        return asking.nothing(f"{asking.slots.outcome} never came {span.when}.")
    if not found:
        return asking.nothing(f"No outcome is on record {span.when}{asking.of_accounts}.")
    parts = [(f"{code} ", fact(n, first, last)) for code, n, first, last in wanted or found]
    said = (f"Outcomes {span.when}{asking.of_accounts}: ", *joined(parts), ".")
    return asking.answer(said, about=span.words)


def lot_names(asking: Asking, lots: Sequence[str]) -> dict[str, str]:
    """What each lot was, by its id."""
    wanted = [lot for lot in dict.fromkeys(lots) if lot]
    marks = ", ".join("?" * len(wanted))
    rows = asking.side.rows(
        f"SELECT id, instrument_opened FROM lots WHERE id IN ({marks})",  # noqa: S608
        wanted,
    )
    return {str(lot): str(instrument) for lot, instrument in rows}


def condition(asking: Asking) -> Answer:
    """A week's condition with what it was held against."""
    span = asking.within(this_week(asking))
    found = asked_weeks.conditions_asked(asking.side, span.weeks)
    if not found:
        return asking.nothing(f"No market condition is on record for {span.words}.")
    one = found[-1]
    if one.condition is None:
        return asking.answer(
            (f"In {one.week} the condition ", fact("could not be decided", one.sequence),
             f": {one.reason}."),
            about=span.words,
        )  # fmt: skip
    said: list[tuple[Part, ...]] = [
        (
            f"{one.week} is ",
            fact(one.condition, one.sequence),
            f" by the rule {one.rule}: up to ",
            percent(one.deploy or Decimal(0), one.sequence, places=0),
            " of a sleeve may be deployed.",
        ),
        _vix(one),
    ]
    rows = tuple(
        (name, fact(value, one.sequence), limit, "yes" if passed else "no")
        for name, value, limit, passed in asked_weeks.comparisons_of(
            asking.side, one.week, one.sequence
        )
    )
    titles = ("evidence", "value", "held against", "met")
    return asking.answer(*said, table=Table(titles, rows), about=one.week)


def _vix(one: WeekCondition) -> tuple[Part, ...]:
    if one.vix is None or one.vix_average is None:
        return ("VIX was not known.",)
    return (
        "VIX was ",
        fact(f"{one.vix:.2f}", one.sequence),
        " against an average of ",
        fact(f"{one.vix_average:.2f}", one.sequence),
        " over a year.",
    )


def condition_counts(asking: Asking) -> Answer:
    """How many weeks were under each condition, or which were under one."""
    span = asking.within()
    found = [
        one
        for one in asked_weeks.conditions_asked(asking.side, span.weeks)
        if one.condition is not None
    ]
    if not found:
        return asking.nothing(f"No market condition is on record {span.when}.")
    by_name: dict[str, list[WeekCondition]] = {}
    for one in found:
        by_name.setdefault(one.condition or "", []).append(one)
    wanted = asking.slots.condition
    if wanted:
        own = by_name.get(wanted, [])
        if not own:
            return asking.nothing(f"No week {span.when} was {wanted}.")
        rows = tuple((one.week, fact(one.condition, one.sequence)) for one in own[-_ROWS_MAX:])
        said = (
            f"{wanted}: ",
            count(len(own), "week", (one.sequence for one in own)),
            f" of {len(found)} {span.when}, the last one {own[-1].week}.",
        )
        return asking.answer(said, table=Table(("week", "condition"), rows), about=span.words)
    parts = [
        (f"{name} ", count(len(own), "week", (one.sequence for one in own)))
        for name, own in sorted(by_name.items(), key=lambda item: -len(item[1]))
    ]
    return asking.answer((f"{span.opening}: ", *joined(parts), "."), about=span.words)
