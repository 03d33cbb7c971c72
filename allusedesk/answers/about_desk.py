"""Answers about the desk itself: its record, mode, rules, data, forecasts and reports."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, dollars, fact, instant, percent
from allusedesk.answers.scopes import last_week, scope, this_week
from allusedesk.domain.money import total
from allusedesk.journal.advice_queries import advice_record
from allusedesk.journal.asked_decisions import settings_now
from allusedesk.journal.asked_desk import (
    AlertAsked,
    alerts_asked,
    cause_of,
    closings_asked,
    entry_in_words,
    forecasts_of,
    quotes_counted,
)
from allusedesk.journal.asked_orders import orders_asked
from allusedesk.journal.asked_queries import lots_ended, rows_asked
from allusedesk.journal.asked_weeks import conditions_asked, sleeve_weeks
from allusedesk.journal.queries import desk_header
from allusedesk.journal.read_values import LabelSeen, Notice
from allusedesk.journal.rule_words import rule_in_words

_ROWS_MAX = 20
_HEADER = 1
_MODES = {
    "REHEARSAL": "a rehearsal: recorded time, no real order and no real money",
    "PAPER": "paper: a simulated broker, no real money",
    "LIVE": "LIVE: a real broker and real money once it is armed",
}
_OUTCOMES = {
    "P-EW": "a put expired worthless, its price at or above the strike",
    "P-AWL": "a put whose price ended up to 5% below its strike: the shares are taken",
    "P-RO": "a put more than 5% and up to 15% below its strike with a favourable roll: rolled",
    "P-AOL": "the same without a favourable roll: the shares are taken",
    "P-DD": "more than 15% below the strike of a put or the basis of shares",
    "C-WAP": "shares with a call, up to 5% above their basis: they may be called away",
    "C-WAP+": "shares with a call, more than 5% above their basis: they may be called away",
    "C-PNO": "shares at their basis or up to 5% below: the premium is kept and lowers the basis",
    "C-RO": "shares more than 5% and up to 10% below their basis: the call is rolled down",
    "C-REC": "shares more than 10% and up to 15% below their basis: calls of a small delta",
    "W-IDL": "the sleeve had no position and made no entry",
}


def week_summary(asking: Asking) -> Answer:
    """A span in a few sentences: condition, trades, results, what else was noted."""
    span = asking.within(last_week(asking))
    where = scope(asking, last_week(asking))
    weeks = sleeve_weeks(asking.side, span.weeks, asking.slots.accounts)
    orders = orders_asked(asking.side, where)
    if not weeks and not orders:
        return asking.nothing(f"Nothing is on record in {span.words}{asking.of_accounts}.")
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
            f"In {span.words}{asking.of_accounts} ",
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
        return asking.nothing(f"No alert {what} in {asking.within().words}.")
    open_ones = [one for one in shown if one.cleared_in is None]
    said = (
        f"In {asking.within().words}: ",
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
        return asking.nothing(f"No look at the market is on record in {span.words}.")
    entries = (found.first, found.last)
    share = Decimal(found.modelled) / found.quotes if found.quotes else Decimal(0)
    desk = desk_header(asking.side)
    said: list[tuple[Part, ...]] = [
        (
            f"In {span.words} the desk looked ",
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


def rulebook(asking: Asking) -> Answer:
    """The rulebook in force; a journal has one from its first entry on."""
    rules = asking.rules()
    return asking.answer(
        (
            "This journal was opened under ",
            fact(rules.id, _HEADER),
            (
                ", and a journal keeps its rulebook: a change is proposed, tried, approved, then "
                "a new journal begins under it."
            ),
        ),
        ("`allusedesk rulebook show` and `rulebook diff` show every number.",),
    )


def other_rulebook(asking: Asking) -> Answer:
    """Where the other rulebook's decisions are made; too long a replay for an answer."""
    rules = asking.rules()
    other = "constitution" if rules.id.startswith("classic") else "classic"
    return asking.answer(
        (
            "This journal ran under ",
            fact(rules.id, _HEADER),
            (f". What {other} would have decided takes a replay of its looks, no matter of a "
            "second, so I do not guess it."),
        ),
        ((f"`allusedesk replay JOURNAL --rulebook {other}` makes it; `allusedesk compare` sets "
         "both side by side over a history."),),
    )  # fmt: skip


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


def rule(asking: Asking) -> Answer:
    """What a rule's name or an outcome's code means."""
    code = asking.slots.outcome
    if code:
        where = "the outcomes of a week"
        return asking.answer((f"{code} is one of {where}: {_OUTCOMES[code]}.",
                              " `allusedesk explain outcome` shows it on numbers."))  # fmt: skip
    named = [
        name
        for name in _rules_seen(asking)
        if name in asking.plain or name.replace("_", " ") in asking.plain
    ]
    if not named:
        topic = "; ".join(asking.ask_of(name) for name in ("refusals", "why_no_entries"))
        return asking.answer(
            (
                (
                    f"Name a rule as the record writes it, such as entry.delta or level.L2. "
                    f"Numbers of {asking.rules().id} stand in `allusedesk rulebook show`; "
                    f"`allusedesk explain` tries a rule on figures of your own. Related: {topic}"
                ),
            )
        )
    name = max(named, key=len)
    last = asking.side.rows(
        "SELECT max(sequence), sum(count) FROM turned_down WHERE rule = ?", (name,)
    )[0]
    said: list[tuple[Part, ...]] = [(f"Where {name} stops something: {rule_in_words(name)}.",)]
    if last[0] is not None:
        said.append(("It stopped ", count(last[1], "candidate", (last[0],)), " in this record."))
    made = asking.side.rows(
        "SELECT max(sequence), count(*) FROM proposals WHERE rule LIKE ?", (f"%/{name}",)
    )[0]
    if made[0] is not None:
        said.append(("It stands behind ", count(made[1], "proposal", (made[0],)), "."))
    return asking.answer(*said)


def _rules_seen(asking: Asking) -> list[str]:
    stopped = asking.side.column("SELECT DISTINCT rule FROM turned_down")
    made = asking.side.column("SELECT DISTINCT rule FROM proposals")
    return sorted({str(one).rpartition("/")[2].lower() for one in (*stopped, *made)} - {""})


def forecast(asking: Asking) -> Answer:
    """What was forecast for a week."""
    week = asking.week if asking.span is not None else this_week(asking).weeks[0]
    found = forecasts_of(asking.side, week)
    if not found:
        return asking.nothing(
            f"No forecast is on record for {week}. Forecasts are advice only; `allusedesk advise` "
            "makes one."
        )
    kind = Nature.ESTIMATE
    said: list[tuple[Part, ...]] = []
    for target in dict.fromkeys(one.target for one in found):
        own = [one for one in found if one.target == target]
        best = max(own, key=lambda one: one.probability)
        said.append(
            (
                f"For {week} the likeliest {target} is {best.code}: ",
                percent(best.probability, best.sequence, nature=kind, places=0),
                " against a base rate of ",
                percent(best.base_rate, best.sequence, places=0),
                ".",
            )
        )
    rows = tuple(
        (one.target, one.code, percent(one.probability, one.sequence, nature=kind, places=0),
         percent(one.base_rate, one.sequence, places=0))
        for one in found
    )  # fmt: skip
    titles = ("of", "code", "forecast", "base rate")
    return asking.answer(*said, table=Table(titles, rows), about=week)


def forecast_record(asking: Asking) -> Answer:
    """How often forecasts came true, and whether they beat the base rates."""
    found = [one for one in advice_record(asking.side) if one.gain is not None]
    if not found:
        return asking.nothing(
            "No forecast whose week is over is on record, so it has no record yet."
        )
    entries = {
        (week, target): sequence
        for week, target, sequence in asking.side.rows(
            "SELECT week, target, max(sequence) FROM forecasts GROUP BY week, target"
        )
    }
    said: list[tuple[Part, ...]] = []
    for target in dict.fromkeys(one.target for one in found):
        own = [one for one in found if one.target == target]
        cited = tuple(entries[one.week, target] for one in own)
        right = sum(1 for one in own if one.likeliest == one.happened)
        gain = sum(one.gain or 0.0 for one in own) / len(own)
        said.append(
            (
                f"{target}: the likeliest came in ",
                fact(f"{right} of {len(own)}", *cited),
                " weeks; its log score was ",
                fact(f"{gain:+.3f}", *cited),
                " nats a week beside the base rates (above 0 is better).",
            )
        )
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
        said: tuple[Part, ...] = (f"No report was cut in {asking.within().words}.",)
    else:
        last = found[-1]
        said = (
            f"In {asking.within().words} ",
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
