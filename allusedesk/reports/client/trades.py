"""The sections of a client's statement about trades: promises, rights and shares."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.reports.client.record import AccountRecord
from allusedesk.reports.client.sources import GainSources
from allusedesk.reports.client.stories import OptionStory, ShareStep
from allusedesk.reports.client.words import (
    Closes,
    dollars,
    gained,
    joined,
    share_step_in_words,
    story_in_words,
    times,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Paragraph,
    Qualifier,
    Section,
    Table,
)
from allusedesk.reports.wording import counted

_PROMISE_TO_BUY = (
    "Somebody who owns shares, or fears that they fall, pays you today for a promise: until a "
    "certain day you will buy the shares from them at a fixed price, if they want it. Such a "
    "promise is called a put. If the price stays above the fixed one, nobody sells to you for less "
    "than the market pays, and what you were paid is yours. If it falls, you buy for more than the "
    "shares are worth by then; that can cost far more than you were paid."
)
_PROMISE_TO_SELL = (
    "Somebody pays you today for a promise: until a certain day you will sell them shares that "
    "you hold at a fixed price, if they want it. Such a promise is called a call. If the price "
    "stays below the fixed one, you keep the shares and what you were paid. If it rises further, "
    "the shares are called away at the fixed price, and what they rise beyond it is not yours."
)
_UNCOVERED = (
    "For some of these promises no shares stood ready: what they can cost is bounded by a right "
    "that was bought together with them, or has no bound where there is none."
)
_RIGHTS = (
    "Here you paid, and somebody else promised. A right to sell protects against falling prices, a "
    "right to buy gains when prices rise. The most a right can lose is what it cost."
)


def promises_section(
    record: AccountRecord,
    sources: GainSources,
    stories: Sequence[OptionStory],
    closes: Closes,
) -> Section:
    """Every option written, one after another, with how it ended."""
    written = [one for one in stories if one.is_short]
    if not written:
        said = "You promised nothing to anybody in this time."
        return Section("What you promised to others", (Paragraph(said),))
    ended = total([one.realised for one in written])
    inside = sources.promises_to_buy + sources.promises_to_sell
    blocks: list[Block] = [
        Paragraph(_promised(written, closes) + _inside(ended, inside, "promises"))
    ]
    for is_put, title, what in (
        (True, "Promises to buy", _PROMISE_TO_BUY),
        (False, "Promises to sell", _PROMISE_TO_SELL),
    ):
        mine = [one for one in written if one.is_put is is_put]
        if mine:
            blocks += [Paragraph(what), _story_table(record, title, mine, closes)]
        if any(one.is_bounded_by_rights for one in mine):
            blocks.insert(-1, Paragraph(_UNCOVERED))
    return Section("What you promised to others", tuple(blocks))


def _promised(written: Sequence[OptionStory], closes: Closes) -> str:
    received = total([one.premium for one in written if not one.is_carried_in])
    carried = sum(one.is_carried_in for one in written)
    begun = len(written) - carried
    said = f"You made {counted(begun, 'promise')} in this time"
    if begun:
        said += f" and were paid {dollars(received)} for {'it' if begun == 1 else 'them'}"
    if carried:
        said += f"; {counted(carried, 'older one')} still stood from before"
    ended = [one for one in written if one.ends]
    if not ended:
        return f"{said}. None has ended yet."
    used = [one for one in ended if one.was_delivered]
    plain = [one for one in ended if not one.was_delivered]
    won = sum(one.realised.to_cents().amount > 0 for one in plain)
    lost = sum(one.realised.to_cents().amount < 0 for one in plain)
    result = total([one.realised for one in ended])
    said += f". {len(ended):,} ended:"
    parts = []
    if won:
        parts.append(f"{won:,} left you with more money")
    if lost:
        parts.append(f"{lost:,} left you with less")
    if len(plain) - won - lost:
        parts.append(f"{len(plain) - won - lost:,} changed nothing")
    if used:
        parts.append(f"{len(used):,} you were held to, so that shares changed hands")
    said += f" {joined(parts)}. All of them together {gained(result)}, before commissions."
    if lost:
        worst = min(plain, key=lambda one: (one.realised.amount, one.lot))
        said += f" The worst of them lost {dollars(worst.realised)}."
    return said + _used(used, closes)


def _used(used: Sequence[OptionStory], closes: Closes) -> str:
    """What being held to promises cost on the day, which the premiums alone do not show."""
    apart = []
    for one in used:
        price = closes.get((one.contract.priced_by, one.contract.expiry))
        if price is not None:
            way = 1 if one.is_put else -1
            gap = (one.contract.strike - price.per_unit) * way
            apart += [
                Money(gap * end.quantity * one.contract.multiplier)
                for end in one.ends
                if end.how == "assignment" and end.on > one.contract.expiry
            ]
    if not used:
        return ""
    said = " Being held to a promise has a price that is not in this sum"
    if apart:
        said += (
            f": where the price of the day is known you paid {dollars(total(apart))} more, or "
            "received so much less, than the shares were worth then"
        )
    return f"{said}. It shows in what your shares gain or lose."


def _story_table(
    record: AccountRecord, title: str, stories: Sequence[OptionStory], closes: Closes
) -> Table:
    traded = Qualifier.MODELLED if record.is_traded_modelled else Qualifier.MEASURED
    rows: list[tuple[Cell, ...]] = [
        (one.told_on, story_in_words(one, closes), one.realised if one.ends else None)
        for one in stories
    ]
    return Table(
        title,
        (
            Column("On"),
            Column("What was agreed, and how it ended"),
            Column("Gained or lost", Alignment.RIGHT, "USD", traded, is_signed=True),
        ),
        tuple(rows),
        totals=("Together", None, total([one.realised for one in stories])),
    )


def _inside(ended: Money, inside: Money, what: str) -> str:
    """What things brought between the two closes, where that is not what those that ended did."""
    if ended.to_cents() == inside.to_cents():
        return ""
    return (
        f" Counted in this time alone, from their worth at its beginning to their worth at its end "
        f"or when they ended, your {what} {gained(inside)}."
    )


def rights_section(
    record: AccountRecord,
    sources: GainSources,
    stories: Sequence[OptionStory],
    closes: Closes,
) -> Section | None:
    """Every option bought; None where there was none."""
    bought = [one for one in stories if not one.is_short]
    if not bought:
        return None
    spent = total([one.premium for one in bought if not one.is_carried_in])
    begun = sum(not one.is_carried_in for one in bought)
    said = f"You bought {counted(begun, 'right')} in this time"
    if begun:
        said += f" for {dollars(spent)}"
    said += "."
    ended = [one for one in bought if one.ends]
    if ended:
        result = total([one.realised for one in ended])
        said += (
            f" {counted(len(ended), 'right').capitalize()} ended; together they {gained(result)}, "
            "before commissions."
        )
    said += _inside(total([one.realised for one in bought]), sources.rights, "rights")
    blocks = (Paragraph(_RIGHTS), Paragraph(said), _story_table(record, "Rights", bought, closes))
    return Section("Rights you bought", blocks)


def shares_section(
    record: AccountRecord, sources: GainSources, steps: Sequence[ShareStep]
) -> Section | None:
    """Shares that came and went, and what was paid for holding them; None where nothing was."""
    paid = [one for one in record.bookings if one.how == "dividend"]
    if not steps and not paid:
        return None
    traded = Qualifier.MODELLED if record.is_traded_modelled else Qualifier.MEASURED
    blocks: list[Block] = []
    if steps:
        result = total([step.realised for step in steps])
        went = [step for step in steps if step.units_signed < 0]
        said = "Shares came into the account; none of them was sold yet."
        if went:
            said = (
                f"Shares left the account {times(len(went))}. Against what they had cost "
                f"they {gained(result)}. What you were paid for promises about them is counted "
                "under What you promised to others, not here."
            )
        said += _inside(result, sources.shares, "shares")
        rows: list[tuple[Cell, ...]] = [
            (step.on, share_step_in_words(step), step.realised if step.units_signed < 0 else None)
            for step in steps
        ]
        blocks += [
            Paragraph(said),
            Table(
                "Shares that came and went",
                (
                    Column("On"),
                    Column("What happened"),
                    Column("Gained or lost", Alignment.RIGHT, "USD", traded, is_signed=True),
                ),
                tuple(rows),
                totals=("Together", None, result),
            ),
        ]
    if paid:
        whole = NOTHING.plus(one.cash for one in paid)
        blocks += [
            Paragraph(f"Companies paid you {dollars(whole)} of dividends for shares you held."),
            Table(
                "Dividends",
                (
                    Column("On"),
                    Column("What for"),
                    Column("Paid", Alignment.RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
                ),
                tuple((one.on, _dividend(one.reason), one.cash) for one in paid),
                totals=("Together", None, whole),
            ),
        ]
    return Section("Shares", tuple(blocks))


def _dividend(reason: str) -> str:
    symbol = reason.removeprefix("dividend of ").partition(",")[0]
    return f"Dividend for your shares of {symbol}"
