"""The evening brief: what was done and why, what the day came to, what stays open, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from allusedesk.answers.answer import Figure, Nature, Part, Sentence
from allusedesk.answers.brief import DAY_BEGINS, Brief, BriefKind, BriefPart, on_clock, sentence
from allusedesk.answers.brief_words import looks_due, more_of, told_by
from allusedesk.answers.phrasing import count, dollars, fact, percent
from allusedesk.domain.money import Money, total
from allusedesk.journal.queries import briefs
from allusedesk.journal.queries.brief_values import Decided, Done, LotOpen, SleeveDay
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import PlannedWeek
from allusedesk.journal.words.rules import rule_in_words

_LINES_MAX = 16
_DAYS_LOOKED_AHEAD = 6
_APPROVED, _REFUSED = "approved", "refused"
# What the clearing house booked belongs to what was done, though nobody ordered it.
_BOOKED = ("AssignmentBooked", "SettlementBooked", "ExpiryBooked", "DividendBooked", "SplitBooked")


def evening_brief(side: ReadSide, day: date, at: datetime, mode: str) -> Brief:
    """The brief of a day's evening, as known at an instant after its close."""
    cut = briefs.last_entry_by(side, at)
    first = briefs.last_entry_by(side, on_clock(day, DAY_BEGINS)) + 1
    week = briefs.week_of_day(side, day, cut)
    done = briefs.done_between(side, first, cut)
    decided = briefs.decided_between(side, first, cut)
    lots = briefs.lots_open(side, cut)
    sleeves = () if week is None else briefs.sleeve_days(side, day, week, cut)
    gain = total([one.day_gain for one in sleeves])
    of_gain: tuple[Part, ...] = ("The day is not marked yet",)
    if sleeves:
        of_gain = ("The day came to ", _money(gain, sleeves, [one.marked_in for one in sleeves]))
    headline = sentence(
        *of_gain,
        "; ",
        count(len(done), "order", (one.last for one in done)),
        " executed, ",
        count(len(lots), "position", (one.opened_sequence for one in lots)),
        " held overnight.",
    )
    return Brief(
        BriefKind.EVENING,
        day,
        at,
        mode,
        cut,
        headline,
        (
            BriefPart("Done", _done(side, done, decided, first, cut)),
            BriefPart("Result", _result(sleeves, week)),
            BriefPart("Open", _open(side, lots, cut)),
            BriefPart("Next", _next(side, day, cut)),
        ),
    )


def _money(amount: Money, sleeves: Sequence[SleeveDay], entries: Sequence[int | None]) -> Figure:
    """An amount between two marks; modelled where one of them is."""
    nature = Nature.MODELLED if any(one.is_modelled for one in sleeves) else Nature.MEASURED
    return dollars(amount, *entries, nature=nature, is_signed=True)


def _done(
    side: ReadSide, done: Sequence[Done], decided: Sequence[Decided], first: int, cut: int
) -> tuple[Sentence, ...]:
    traded = [
        sentence(
            f"{one.account}: ",
            fact(_ordered(one.legs, one.quantity), one.first, one.last),
            " for ",
            dollars(one.cash, one.first, one.last, is_signed=True),
            f" after commissions, {_under(one)}",
            fact(one.decided_by or "standing authority", one.proposed_in),
            ".",
        )
        for one in done
    ]
    turned = [
        sentence(
            f"{one.account}: {one.legs} was ",
            fact(one.verdict, one.decided_in),
            _why_not(one),
        )
        for one in decided
        if one.verdict != _APPROVED
    ]
    booked = [told_by(line) for line in briefs.lines_between(side, _BOOKED, first, cut)]
    said = [
        *more_of(traded, _LINES_MAX, "orders were executed"),
        *more_of(turned, _LINES_MAX, "proposals came to nothing"),
        *more_of(booked, _LINES_MAX, "bookings"),
    ]
    return tuple(said) or (sentence("Nothing was traded, booked or turned down."),)


def _ordered(legs: str, quantity: int) -> str:
    """Such as `sell 3 AAPL 2012-01-20 415 put`; of several legs, how many of each."""
    if ", " in legs:
        return f"{quantity:,d} of each: {legs}"
    verb, _, what = legs.partition(" ")
    return f"{verb} {quantity:,d} {_named(what)}"


def _under(one: Done) -> str:
    """Such as `under entry.delta (its delta and expiry fit best), approved by `."""
    if not one.rule:
        return "approved by "
    # A reason begins with the order, which stands before it already; its first ground will do.
    _, _, why = one.reason.partition(": ")
    told = (why or one.reason).partition(";")[0].rstrip(".")
    return f"under {one.rule.rpartition('/')[2]}{f' ({told})' if told else ''}, approved by "


def _why_not(one: Decided) -> str:
    """What a verdict gave as its reason: a rule with its meaning, or a person's words."""
    if not one.verdict_reason:
        return "."
    if one.verdict != _REFUSED:
        return f" ({one.verdict_reason})."
    return f" ({one.verdict_reason}: {rule_in_words(one.verdict_reason)})."


def _result(sleeves: Sequence[SleeveDay], week: PlannedWeek | None) -> tuple[Sentence, ...]:
    if not sleeves or week is None:
        return (sentence("Balances of this day are not marked yet: they are at the close."),)
    said = []
    for one in sleeves:
        nature = Nature.MODELLED if one.is_modelled else Nature.MEASURED
        target: tuple[Part, ...] = (", no target was asked for yet",)
        if one.target is not None:
            target = (
                " against a target of ",
                percent(one.target, one.asked_in, nature=Nature.TARGET),
            )
        said.append(
            sentence(
                f"{one.account}: ",
                dollars(
                    one.day_gain, one.day_before_in, one.marked_in, nature=nature, is_signed=True
                ),
                " today, ",
                *_so_far(one, nature),
                f" in week {week.week} so far",
                *target,
                "; equity ",
                dollars(one.equity, one.marked_in, nature=nature),
                ".",
            )
        )
    return tuple(said)


def _so_far(one: SleeveDay, nature: Nature) -> tuple[Part, ...]:
    entries = (one.week_start_in, one.marked_in)
    gain = dollars(one.week_gain, *entries, nature=nature, is_signed=True)
    share = one.week_return
    if share is None:
        return (gain,)
    return (gain, " (", percent(share, *entries, nature=nature, is_signed=True), ")")


def _open(side: ReadSide, lots: Sequence[LotOpen], cut: int) -> tuple[Sentence, ...]:
    held = [
        sentence(
            f"{one.account} holds ",
            fact(f"{one.quantity:+,d} {_named(one.instrument)}", one.opened_sequence),
            f" at {one.price_average.per_unit:,.2f}",
            *_level(one),
            ".",
        )
        for one in lots
    ]
    working = [
        sentence(
            f"{one.account}: the order ",
            fact(_ordered(one.legs, one.quantity), one.sequence),
            " works on.",
        )
        for one in briefs.orders_open(side, cut)
    ]
    said = (*more_of(held, _LINES_MAX, "positions"), *more_of(working, _LINES_MAX, "orders"))
    return said or (sentence("Nothing is held and no order works: every sleeve is in cash."),)


def _named(instrument: str) -> str:
    return instrument if " " in instrument else f"{instrument} shares"


def _level(one: LotOpen) -> tuple[Part, ...]:
    if one.level is None:
        return ()
    return (", at level ", fact(one.level, one.levelled_in))


def _next(side: ReadSide, day: date, cut: int) -> tuple[Sentence, ...]:
    """The looks of the next day that has any."""
    for ahead in range(1, _DAYS_LOOKED_AHEAD + 1):
        then = day + timedelta(days=ahead)
        begins = on_clock(then, DAY_BEGINS)
        due = briefs.alarms_between(side, begins, begins + timedelta(days=1), cut)
        if due:
            when = f"tomorrow, {then:%a %Y-%m-%d}" if ahead == 1 else f"on {then:%a %Y-%m-%d}"
            return looks_due(due, when)
    return (sentence("No look is set for the next days: the next week is planned when this ends."),)
