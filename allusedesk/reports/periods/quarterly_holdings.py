"""Parts of the quarterly statement: reinvestment and tax reserve, LEAPS ladder, hedges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.sleeve_events import LadderWeighed
from allusedesk.journal.queries.long_options import HEDGE, RUNG, LadderMoney, LongOption
from allusedesk.journal.read_values import Notice, Reinvestment
from allusedesk.journal.words.decisions import reason_in_words
from allusedesk.protocol.long_options import days_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.rulebook_management import LadderRules
from allusedesk.reports.periods.words import percent
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT
_TURNED_MAX = 6


def reinvestment_section(
    quarter: str,
    of_quarter: Sequence[Reinvestment],
    ever: Sequence[Reinvestment],
    money: Sequence[LadderMoney],
    gains: Sequence[Money],
    rulebook: Rulebook,
) -> Section:
    """How the quarter's gains were split, what was bought with it, and the tax reserve.

    `ever` are all splits the record had by the quarter's last close, `of_quarter` those of this
    quarter's gains, which are made on the first session after it; `gains` are what the sleeves
    that reinvest have earned.
    """
    rules = rulebook.reinvestment
    text = (
        "At each quarter's end the gain of Rev and Com is split: "
        f"{shown(Percent(rules.tax))} of it is set aside for tax (estimate, ask your adviser), "
        f"{shown(Percent(rules.contracts))} stays for contracts and raises the base that a surplus "
        f"is measured from, {shown(Percent(rules.leaps))} goes to the LEAPS ladder. The split is "
        "made on the first session after the quarter."
    )
    blocks: list[Block] = [Paragraph(text, Tone.NOTE), _split_table(quarter, of_quarter)]
    if not of_quarter:
        blocks.append(Paragraph(_no_split(quarter, gains)))
    blocks += [_reserve_table(ever, of_quarter), _money_table(money)]
    return Section("Reinvestment and tax reserve", tuple(blocks))


def _no_split(quarter: str, gains: Sequence[Money]) -> str:
    if not any(gain > NOTHING for gain in gains):
        return f"No sleeve that reinvests gained in {quarter}, so there is nothing to split."
    return (
        f"The record holds no split of {quarter} yet: its first session after is still to come, or "
        "nobody approved one."
    )


def _split_table(quarter: str, parts: Sequence[Reinvestment]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (sleeve_name(one.account), one.gain, one.tax, one.contracts, one.leaps, one.sequence)
        for one in parts
    )
    return Table(
        f"The gains of {quarter} and how they were split",
        (
            Column("Sleeve"),
            Column("Gain", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Tax reserve", _RIGHT, "USD", Qualifier.ESTIMATE),
            Column("Contracts", _RIGHT, "USD", Qualifier.MEASURED),
            Column("LEAPS", _RIGHT, "USD", Qualifier.MEASURED),
            Column("Entry", _RIGHT),
        ),
        rows,
        empty="No gain was split.",
        totals=(
            "All sleeves",
            total([one.gain for one in parts]),
            total([one.tax for one in parts]),
            total([one.contracts for one in parts]),
            total([one.leaps for one in parts]),
            None,
        )
        if len(rows) > 1
        else (),
    )


def _reserve_table(ever: Sequence[Reinvestment], of_quarter: Sequence[Reinvestment]) -> Table:
    """What lay in reserve at the last close, and with the split of this quarter."""
    later = {one.sequence for one in of_quarter} - {one.sequence for one in ever}
    added = [one for one in of_quarter if one.sequence in later]
    accounts = sorted({one.account for one in (*ever, *added)})
    rows: list[tuple[Cell, ...]] = []
    for account in accounts:
        had = total([one.tax for one in ever if one.account == account])
        more = total([one.tax for one in added if one.account == account])
        rows.append((sleeve_name(account), had, more, had + more))
    had = total([one.tax for one in ever])
    more = total([one.tax for one in added])
    return Table(
        "Tax reserve",
        (
            Column("Sleeve"),
            Column("At the last close", _RIGHT, "USD", Qualifier.ESTIMATE),
            Column("Set aside of this quarter", _RIGHT, "USD", Qualifier.ESTIMATE),
            Column("Together", _RIGHT, "USD", Qualifier.ESTIMATE),
        ),
        tuple(rows),
        empty="Nothing was ever set aside.",
        totals=("All sleeves", had, more, had + more) if len(rows) > 1 else (),
    )


def _money_table(money: Sequence[LadderMoney]) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (sleeve_name(one.account), one.before, one.came, one.spent, one.returned, one.after)
        for one in money
    )
    return Table(
        "Cash of the LEAPS ladders in this quarter",
        (
            Column("Sleeve"),
            Column("Before", _RIGHT, "USD", Qualifier.MEASURED),
            Column("From splits", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Spent on rungs", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Brought by rungs", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Left", _RIGHT, "USD", Qualifier.MEASURED),
        ),
        rows,
        empty="No sleeve has ladder money.",
        totals=(
            "All sleeves",
            total([one.before for one in money]),
            total([one.came for one in money]),
            total([one.spent for one in money]),
            total([one.returned for one in money]),
            total([one.after for one in money]),
        )
        if len(rows) > 1
        else (),
    )


def ladder_section(
    options: Sequence[LongOption],
    money: Sequence[LadderMoney],
    looks: Sequence[LadderWeighed],
    rulebook: Rulebook,
    first: int,
    today: date,
    seen: Qualifier,
) -> Section:
    """Rungs held, missing and near their end, and those that ended from entry `first` on."""
    rules = rulebook.ladder
    if rules is None or not rules.is_on:
        text = (
            f"Under {rulebook.id} no LEAPS ladder is kept: what a split sets apart for LEAPS stays "
            "in cash."
        )
        return Section("LEAPS ladder", (Paragraph(text),))
    rungs = [one for one in options if one.role == RUNG]
    held = [one for one in rungs if one.quantity]
    wholes = {one.account: one.after for one in money}
    for one in held:
        wholes[one.account] = wholes.get(one.account, NOTHING) + (one.worth or NOTHING)
    text = (
        "Growth rungs are calls on the sleeve's own shares, hedge rungs are puts on an index. A "
        f"rung is due to be rolled with {rules.roll_months_left} months left or when its delta "
        f"leaves {rules.keep_delta.low} to {rules.keep_delta.high}; none should hold more than "
        f"{shown(Percent(rules.rung_share_max))} of its ladder, cash included. Changes are "
        "suggestions that a person approves."
    )
    rows = tuple(_rung_row(one, wholes, rules, today) for one in held)
    blocks: list[Block] = [
        Paragraph(text, Tone.NOTE),
        Table("Rungs held at the last close", _rungs(seen), rows, empty="No rung is held."),
        _missing(held, wholes, rules),
    ]
    blocks += [_turned_down(look) for look in looks]
    blocks.append(_ended("Rungs that ended in this quarter", rungs, first, "No rung ended."))
    return Section("LEAPS ladder", tuple(blocks))


def _rungs(seen: Qualifier) -> tuple[Column, ...]:
    return (
        Column("Sleeve"),
        Column("Rung"),
        Column("Side"),
        Column("Contracts", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Cost", _RIGHT, "USD", Qualifier.MEASURED),
        Column("Worth", _RIGHT, "USD", seen),
        Column("Delta", _RIGHT, qualifier=seen),
        Column("Of its ladder", _RIGHT, "%", seen),
        Column("Days left", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Due"),
    )


def _rung_row(
    one: LongOption, wholes: dict[str, Money], rules: LadderRules, today: date
) -> tuple[Cell, ...]:
    whole = wholes.get(one.account, NOTHING)
    share = one.worth.share_of(whole) if one.worth is not None and whole else None
    days = (one.expiry - today).days
    due = []
    if days <= days_of(rules.roll_months_left):
        due.append("near its end")
    if one.delta is not None and not rules.keep_delta.low <= one.delta <= rules.keep_delta.high:
        due.append("delta outside")
    if share is not None and share > rules.rung_share_max:
        due.append("too large a part")
    return (
        sleeve_name(one.account),
        one.instrument,
        "growth" if one.is_call else "hedge",
        one.quantity,
        _cost_of_held(one),
        one.worth,
        None if one.delta is None else Number(one.delta, 1),
        percent(share),
        days,
        ", ".join(due) or "no",
    )


def _cost_of_held(one: LongOption) -> Money:
    """What the contracts still held have cost."""
    return one.cost * (Decimal(one.quantity) / one.bought)


def _missing(held: Sequence[LongOption], wholes: dict[str, Money], rules: LadderRules) -> Paragraph:
    said = []
    for account in sorted(wholes):
        own = [one for one in held if one.account == account]
        if not wholes[account]:
            continue
        lacks = []
        if not any(one.is_call for one in own):
            lacks.append("growth rung")
        if rules.growth_share < 1 and not any(not one.is_call for one in own):
            lacks.append("hedge rung")
        if lacks:
            name, whole = sleeve_name(account), shown(wholes[account])
            said.append(f"The ladder of {name} ({whole} USD) has no {' and no '.join(lacks)}.")
    return Paragraph(" ".join(said) or "No side of a ladder with money is empty.")


def _turned_down(look: LadderWeighed) -> Table:
    rows = tuple(
        (one.candidate, reason_in_words(one.reason, one.value, one.limit), one.rule)
        for one in look.turned_down[:_TURNED_MAX]
    )
    return Table(
        f"What {sleeve_name(str(look.account))} looked for last and did not take",
        (Column("Rung"), Column("Why"), Column("Rule")),
        rows,
        empty="Nothing was turned down.",
    )


def hedges_section(
    options: Sequence[LongOption],
    notices: Sequence[Notice],
    rulebook: Rulebook,
    first: int,
    seen: Qualifier,
) -> Section:
    """Hedges bought from entry `first` on, what they cost and are worth, and what ended."""
    hedges = [one for one in options if one.role == HEDGE]
    if rulebook.hedging is None and not hedges:
        return Section("Hedges", (Paragraph(f"Under {rulebook.id} no hedges are bought."),))
    bought = [one for one in hedges if one.opened_sequence >= first]
    held = [one for one in hedges if one.quantity]
    spent = total([one.cost for one in bought])
    worth = shown(total([one.worth or NOTHING for one in held]))
    left = f"what is still held is worth {worth} USD at the last close" if held else "none is held"
    text = (
        f"{shown(spent)} USD was spent on hedges in this quarter, commissions apart; {left}. "
        "A hedge is meant to lose while nothing happens."
    )
    rows = tuple(_hedge_row(one, first) for one in hedges if one in bought or one.quantity)
    blocks: list[Block] = [
        Paragraph(text),
        Table(
            "Hedges bought or held",
            _hedges(seen),
            rows,
            empty="No hedge was bought and none is held.",
        ),
        _ended("Hedges that ended in this quarter", hedges, first, "No hedge ended."),
    ]
    blocks += [Paragraph(f"{one.text} (entry {one.sequence:,})", Tone.NOTE) for one in notices]
    return Section("Hedges", tuple(blocks))


def _hedges(seen: Qualifier) -> tuple[Column, ...]:
    return (
        Column("Sleeve"),
        Column("Hedge"),
        Column("Bought"),
        Column("Contracts", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Cost", _RIGHT, "USD", Qualifier.MEASURED),
        Column("Still held", _RIGHT, qualifier=Qualifier.MEASURED),
        Column("Worth", _RIGHT, "USD", seen),
        Column("Realised", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
        Column("In this quarter"),
    )


def _hedge_row(one: LongOption, first: int) -> tuple[Cell, ...]:
    return (
        sleeve_name(one.account),
        one.instrument,
        one.opened_at.date(),
        one.bought,
        one.cost,
        one.quantity,
        one.worth,
        one.realised,
        "bought" if one.opened_sequence >= first else "held on",
    )


def _ended(title: str, options: Sequence[LongOption], first: int, empty: str) -> Table:
    ended = [one for one in options if one.closed_sequence and one.closed_sequence >= first]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            sleeve_name(one.account),
            one.instrument,
            one.opened_at.date(),
            one.bought,
            one.cost,
            one.cost + one.realised,
            one.realised,
            one.closed_sequence,
        )
        for one in ended
    )
    return Table(
        title,
        (
            Column("Sleeve"),
            Column("Option"),
            Column("Bought"),
            Column("Contracts", _RIGHT, qualifier=Qualifier.MEASURED),
            Column("Cost", _RIGHT, "USD", Qualifier.MEASURED),
            Column("Brought", _RIGHT, "USD", Qualifier.MEASURED),
            Column("Realised", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
            Column("Entry", _RIGHT),
        ),
        rows,
        empty=empty,
        totals=(
            "All",
            "",
            None,
            None,
            total([one.cost for one in ended]),
            total([one.cost + one.realised for one in ended]),
            total([one.realised for one in ended]),
            None,
        )
        if len(rows) > 1
        else (),
    )
