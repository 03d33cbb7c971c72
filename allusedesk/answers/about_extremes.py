"""Answers about the best and worst of weeks: extremes, targets reached, falls from the high."""

from __future__ import annotations

from dataclasses import replace

from allusedesk.answers.about_weeks import cited, nature, weeks_of
from allusedesk.answers.answer import Answer, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import dollars, fact, percent
from allusedesk.answers.spans import Calendar
from allusedesk.domain.money import total
from allusedesk.journal.queries import asked_weeks
from allusedesk.journal.queries.asked_weeks import SleeveWeek


def best_week(asking: Asking) -> Answer:
    """The weeks that earned most."""
    return _ranked(asking, is_best=True)


def worst_week(asking: Asking) -> Answer:
    """The weeks that earned least."""
    return _ranked(asking, is_best=False)


def _ranked(asking: Asking, *, is_best: bool) -> Answer:
    found = weeks_of(asking)
    if not found:
        return asking.nothing(f"No week is on record {asking.within().when}.")
    by_week: dict[str, list[SleeveWeek]] = {}
    for one in found:
        by_week.setdefault(one.week, []).append(one)
    gains = {week: total([one.gain for one in own]) for week, own in by_week.items()}
    order = sorted(gains, key=lambda week: (gains[week].amount, week), reverse=is_best)
    best = order[0]
    own = by_week[best]
    said = (
        f"The {'best' if is_best else 'worst'} week {asking.within().when}",
        f"{asking.of_accounts} was {best}: ",
        dollars(gains[best], *cited(own), nature=nature(own), is_signed=True),
        ".",
    )
    rows = tuple(
        (
            week,
            dollars(
                gains[week], *cited(by_week[week]), nature=nature(by_week[week]), is_signed=True
            ),
        )
        for week in order[:5]
    )
    found_in = asking.answer(said, table=Table(("week", "gain"), rows), about=asking.within().words)
    return replace(found_in, focus=Calendar(asking.today).read(best.lower())[0])


def targets_met(asking: Asking) -> Answer:
    """How many weeks of each sleeve were at least its target, and how many gained at all."""
    found = weeks_of(asking)
    if not found:
        return asking.nothing(f"No week is on record {asking.within().when}.")
    rows = []
    for account in dict.fromkeys(one.account for one in found):
        own = [one for one in found if one.account == account]
        aimed = [one for one in own if one.target is not None]
        reached = [one for one in aimed if one.target is not None and one.value >= one.target]
        won = [one for one in own if one.gain.amount > 0]
        lost = [one for one in own if one.gain.amount < 0]
        rows.append(
            (
                account,
                fact(f"{len(reached)} of {len(aimed)}", *(one.marked_in for one in reached)),
                fact(len(won), *(one.marked_in for one in won)),
                fact(len(lost), *(one.marked_in for one in lost)),
            )
        )
    said = [(f"{row[0]}: ", row[1], " weeks reached the target.") for row in rows]
    titles = ("sleeve", "weeks on target", "weeks that gained", "weeks that lost")
    return asking.answer(*said, table=Table(titles, tuple(rows)), about=asking.within().words)


def drawdown(asking: Asking) -> Answer:
    """Each sleeve's fall from its high, now and at its deepest."""
    span = asking.within()
    found = asked_weeks.deepest_falls(asking.side, span.first, span.last, asking.slots.accounts)
    if not found:
        return asking.nothing(f"No balances were marked {span.when}{asking.of_accounts}.")
    rows = tuple(
        (
            one.account,
            percent(one.now, one.now_in),
            percent(one.deepest, one.deepest_in),
            one.deepest_on.isoformat(),
            dollars(one.high, one.now_in),
        )
        for one in found
    )
    deepest = max(found, key=lambda one: one.deepest)
    said = (
        f"The deepest fall of a sleeve {span.when} was ",
        percent(deepest.deepest, deepest.deepest_in),
        f" in {deepest.account} on {deepest.deepest_on.isoformat()}; it now stands ",
        percent(deepest.now, deepest.now_in),
        " below its high.",
    )
    titles = ("sleeve", "below its high now", "deepest", "on", "high")
    return asking.answer(said, table=Table(titles, rows), about=span.words)
