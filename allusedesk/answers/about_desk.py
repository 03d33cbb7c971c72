"""Answers about the desk itself: its record, mode, rules, data, forecasts and reports."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, instant, percent
from allusedesk.answers.scopes import last_week, scope
from allusedesk.domain.money import total
from allusedesk.journal.queries.asked import lots_ended, rows_asked
from allusedesk.journal.queries.asked_decisions import settings_now
from allusedesk.journal.queries.asked_desk import (
    AlertAsked,
    alerts_asked,
    cause_of,
    closings_asked,
    entry_in_words,
    quotes_counted,
)
from allusedesk.journal.queries.asked_orders import orders_asked
from allusedesk.journal.queries.asked_weeks import conditions_asked, sleeve_weeks
from allusedesk.journal.queries.record import desk_header
from allusedesk.journal.read_values import LabelSeen, Notice

_ROWS_MAX = 20
_HEADER = 1
_MODES = {
    "REHEARSAL": "a rehearsal: recorded time, no real order and no real money",
    "PAPER": "paper: a simulated broker, no real money",
    "LIVE": "LIVE: a real broker and real money once it is armed",
}


def week_summary(asking: Asking) -> Answer:
    """A span in a few sentences: condition, trades, results, what else was noted."""
    span = asking.within(last_week(asking))
    where = scope(asking, last_week(asking))
    weeks = sleeve_weeks(asking.side, span.weeks, asking.slots.accounts)
    orders = orders_asked(asking.side, where)
    if not weeks and not orders:
        return asking.nothing(f"Nothing is on record {span.when}{asking.of_accounts}.")
    said: list[tuple[Part, ...]] = [
        (f"{one.week} was ", fact(one.condition or "undecided", one.sequence), ".")
        for one in conditions_asked(asking.side, span.weeks)[-1:]
    ]
    labels = rows_asked(asking.side, LabelSeen, "labels", where)
    said += [
        (f"Family {one.family}'s week was labelled ", fact(one.label, one.sequence), ".")
        for one in labels[-2:]
    ]
    filled = [one for one in orders if one.fills]
    kinds = Counter(one.kind for one in filled)
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "none"
    said.append(
        (
            f"{span.opening}{asking.of_accounts} ",
            count(len(orders), "order", (one.sequence for one in orders)),
            " went out, ",
            fact(len(filled), *(one.filled_in for one in filled)),
            f" filled ({told}).",
        )
    )
    ended = lots_ended(asking.side, where)
    if ended:
        said.append(
            (
                "Positions that ended realised ",
                dollars(
                    total([one.realised for one in ended]),
                    *(one.sequence for one in ended),
                    is_signed=True,
                ),
                " before commissions.",
            )
        )
    if weeks and span.weeks[0] == span.weeks[1] and span.first != span.last:
        kind = Nature.MODELLED if any(one.is_modelled for one in weeks) else Nature.MEASURED
        entries = tuple(entry for one in weeks for entry in one.entries)
        gain = total([one.gain for one in weeks])
        said.append(
            ("Equity changed by ", dollars(gain, *entries, nature=kind, is_signed=True), ".")
        )
    notices = rows_asked(asking.side, Notice, "notices", where)
    said += [("Noted: ", fact(one.text, one.sequence)) for one in notices[-3:]]
    return asking.answer(*said, about=span.words)


def alerts(asking: Asking) -> Answer:
    """Alerts of the desk's health: those that stand, or all of a span."""
    stands = any(word in asking.plain for word in ("stand", "any alert", "now", "healthy"))
    found = alerts_asked(asking.side, scope(asking))
    shown = [one for one in found if one.cleared_in is None] if stands else list(found)
    if not shown:
        what = "stands" if stands else "was raised"
        return asking.nothing(f"No alert {what} {asking.within().when}.")
    open_ones = [one for one in shown if one.cleared_in is None]
    said = (
        f"{asking.within().opening}: ",
        count(len(shown), "alert", (one.sequence for one in shown)),
        ", ",
        fact(len(open_ones), *(one.sequence for one in open_ones)),
        " still standing.",
    )
    titles = ("UTC", "severity", "alert", "noted by", "cleared")
    rows = tuple(_alert(one) for one in shown[-_ROWS_MAX:])
    return asking.answer(said, table=Table(titles, rows))


def _alert(one: AlertAsked) -> tuple[Part, ...]:
    return (
        f"{one.recorded_at:%Y-%m-%d %H:%M}",
        one.severity,
        fact(one.text, one.sequence),
        one.acknowledged_by or "-",
        fact("yes", one.cleared_in) if one.cleared_in is not None else "no",
    )


def data_quality(asking: Asking) -> Answer:
    """How many quotes the desk was shown, and how many of them were modelled."""
    span = asking.within()
    found = quotes_counted(asking.side, scope(asking))
    if not found.looks:
        return asking.nothing(f"No look at the market is on record {span.when}.")
    entries = (found.first, found.last)
    share = Decimal(found.modelled) / found.quotes if found.quotes else Decimal(0)
    desk = desk_header(asking.side)
    said: list[tuple[Part, ...]] = [
        (
            f"{span.opening} the desk looked ",
            count(found.looks, "time", entries),
            " and was shown ",
            count(found.quotes, "quote", entries),
            ", ",
            percent(share, *entries),
            " of them modelled.",
        ),
        ("The last look is entry ", fact(found.last, found.last), ", ",
         instant(found.last_at, found.last), " New York."),
    ]  # fmt: skip
    said += [
        ("Noted when the desk was opened: ", fact(note, _HEADER))
        for note in (desk.notes.splitlines() if desk is not None else [])[:5]
    ]
    return asking.answer(*said, about=span.words)


def chain(asking: Asking) -> Answer:
    """The chain head, how long the record is, and how it is verified."""
    sequence, head = asking.side.journal.head()
    return asking.answer(
        (
            "The record has ",
            count(sequence, "entry", (sequence,), "entries"),
            f" from {asking.first} to ",
            instant(asking.now, sequence),
            " New York; its chain head is ",
            fact(head, sequence),
            ".",
        ),
        (("Every entry read for this answer was held against its hash; `allusedesk journal verify` "
         "checks all of them."),),
    )  # fmt: skip


def mode(asking: Asking) -> Answer:
    """The mode, and who armed a live desk."""
    desk = desk_header(asking.side)
    if desk is None:
        return asking.nothing("The journal does not say how its desk was opened.")
    name = desk.mode.upper()
    said: list[tuple[Part, ...]] = [
        ("This is ", fact(name, _HEADER), f", {_MODES.get(name, 'a mode of its own')}.")
    ]
    said += [
        (f"Live trading was {one.setting}", f" by {one.operator}" if one.operator else "", ": ",
         instant(one.recorded_at, one.sequence), " New York.")
        for one in settings_now(asking.side, "live")[-1:]
    ]  # fmt: skip
    return asking.answer(*said)


def entry(asking: Asking) -> Answer:
    """One entry in words, and what it follows from."""
    number = asking.slots.number
    head = asking.side.journal.head()[0]
    if number is None:
        return asking.nothing(f"Name an entry by its number, 1 to {head}.")
    if not 1 <= number <= head:
        return asking.nothing(f"There is no entry {number}: this journal has entries 1 to {head}.")
    one = entry_in_words(asking.side, number)
    said: list[tuple[Part, ...]] = [
        ("Entry ", fact(number, number), f", {one.kind}, ", instant(one.recorded_at, number),
         f" New York: {one.line}"),
    ]  # fmt: skip
    said += [
        ("It follows from entry ", fact(cause.sequence, cause.sequence), f": {cause.line}")
        for cause in cause_of(asking.side, one)
    ]
    return asking.answer(*said)


def projection(asking: Asking) -> Answer:
    """Where the desk's weeks are projected; a target and a model, never a promise."""
    weeks = sleeve_weeks(asking.side, ("0000-W01", "9999-W52"), asking.slots.accounts)
    whole = len({one.week for one in weeks})
    if not whole:
        return asking.nothing("No week is on record yet, so nothing can be projected from it.")
    return asking.answer(
        (
            "The record has ",
            count(whole, "week", (weeks[0].marked_in, weeks[-1].marked_in)),
            (
                " to draw from. A projection lives them on thousands of times and takes seconds: "
                "`allusedesk project --model realised --capital N --years Y` or Laboratory in the "
                "desk's window. It is a model, not a forecast."
            ),
        )
    )


def strategies(asking: Asking) -> Answer:
    """Strategies a person switched on or off."""
    found = settings_now(asking.side, "strategy")
    if not found:
        return asking.nothing(
            "No strategy was ever switched on in this journal: it follows the rulebook alone."
        )
    on = [one for one in found if one.setting == "on"]
    said = (
        count(len(on), "strategy", (one.sequence for one in on), "strategies"),
        " on. What each earned beside its backtest stands in `allusedesk strategy performance`.",
    )
    rows = tuple(
        (one.subject, fact(one.setting, one.sequence), one.operator, one.reason or "-")
        for one in found
    )
    return asking.answer(said, table=Table(("strategy", "is", "by", "because"), rows))


def reports(asking: Asking) -> Answer:
    """Reports that were cut, and how any is made."""
    found = closings_asked(asking.side, scope(asking))
    if not found:
        said: tuple[Part, ...] = (f"No report was cut {asking.within().when}.",)
    else:
        last = found[-1]
        said = (
            f"{asking.within().opening} ",
            count(len(found), "weekly report", (one.sequence for one in found)),
            f" cut, the last for {last.week}, ",
            fact("final" if last.is_final else "provisional", last.sequence),
            ".",
        )
    how = (
        (
            "Any is made by `allusedesk report weekly|monthly|quarterly|annual|risk|regulatory|"
            "client|tax JOURNAL --out FILE` or in Reports in the desk's window."
        ),
    )
    return asking.answer(said, how)


def help_(asking: Asking) -> Answer:
    """What can be asked, by example."""
    names = ("result", "why_no_entries", "what_if_vix", "fork_distance", "rejections", "show_roll",
             "positions", "cash", "waiting", "due_next", "best_trade", "stress")  # fmt: skip
    said = [(f"{asking.ask_of(name)}",) for name in names]
    head = (
        (
            "Ask about weeks, trades, positions, money, forks, decisions, risk and the desk; name "
            "sleeves, symbols and dates as you like. For example:"
        ),
    )
    return asking.answer(head, *said)
