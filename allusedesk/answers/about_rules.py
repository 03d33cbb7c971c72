"""Answers about rules and forecasts: what they say, and how good they were."""

from __future__ import annotations

from allusedesk.answers.answer import Answer, Nature, Part, Table
from allusedesk.answers.asking import Asking
from allusedesk.answers.phrasing import count, fact, percent
from allusedesk.answers.scopes import this_week
from allusedesk.domain.forecast_words import record_of
from allusedesk.domain.forecasts import SCORED_LEAST
from allusedesk.journal.queries.advice import advice_record
from allusedesk.journal.queries.asked_desk import forecast_spoken, forecasts_of
from allusedesk.journal.words.rules import rule_in_words

_HEADER = 1
_FEW_WEEKS = f" So few tell nothing yet: fewer than {SCORED_LEAST} weeks are no record."
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
    made = forecast_spoken(asking.side, week, found[0].sequence)
    scores = {} if made is None else {one.target: one.score for one in made[1].targets}
    for target in dict.fromkeys(one.target for one in found):
        own = [one for one in found if one.target == target]
        score = scores.get(target)
        best = max(own, key=lambda one: one.probability)
        said.append(
            (
                f"For {week} the likeliest {target} is {best.code}: ",
                percent(best.probability, best.sequence, nature=kind, places=0),
                " against a base rate of ",
                percent(best.base_rate, best.sequence, places=0),
                "; such forecasts had " if score is None else "; such forecasts had been ",
                fact(record_of(score).rstrip("."), best.sequence),
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
        few = (_FEW_WEEKS,) if len(own) < SCORED_LEAST else ()
        said.append(
            (
                f"{target}: the likeliest came in ",
                fact(f"{right} of {len(own)}", *cited),
                " weeks; its log score was ",
                fact(f"{gain:+.3f}", *cited),
                " nats a week beside the base rates (above 0 is better).",
                *few,
            )
        )
    return asking.answer(*said)
