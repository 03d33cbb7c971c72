"""The sections of a client's statement about what is held, costs, money, taxes and what is next."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import notional, total
from allusedesk.domain.positions import Position
from allusedesk.journal.read_values import Branching
from allusedesk.reports.client.record import AccountBooking, AccountRecord
from allusedesk.reports.client.sources import GainSources, money_moves
from allusedesk.reports.client.words import (
    day_in_words,
    dollars,
    gained,
    joined,
    per_cent,
    terms_in_words,
    thing_in_words,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Qualifier,
    Section,
    Table,
    Tone,
)
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import counted, written_day

_RIGHT = Alignment.RIGHT
_REASONS = {
    "opening": "The first money of the account",
    "deposit": "You paid in",
    "withdrawal": "You took out",
}


def held_section(record: AccountRecord) -> Section:
    """Cash and things held at the last close, which together are what the account is worth."""
    valued = Qualifier.MODELLED if record.is_modelled else Qualifier.MEASURED
    rows: list[tuple[Cell, ...]] = [("Cash", None, None, record.cash)]
    unpriced = 0
    for (instrument, is_short), lots in _grouped(record.held.values()).items():
        price = record.prices.get(instrument)
        unpriced += price is None
        units = sum(lot.quantity_signed for lot in lots) * instrument.multiplier
        worth = total([lot.value_at(lot.price_average if price is None else price) for lot in lots])
        rows.append((thing_in_words(instrument, is_short=is_short), abs(units), price, worth))
    said = (
        f"At the close of {written_day(record.closed_on)}. A promise stands with a minus: it is "
        "what somebody would have to be paid to take it over, so it is taken off."
    )
    if unpriced:
        said += (
            f" For {counted(unpriced, 'line')} there was no price, so what was paid stands there."
        )
    return Section(
        "What you have now",
        (
            Paragraph(said),
            Table(
                "Cash, shares, promises and rights",
                (
                    Column("What"),
                    Column("Shares", _RIGHT),
                    Column("Price of one", _RIGHT, "USD", valued),
                    Column("Worth", _RIGHT, "USD", valued),
                ),
                tuple(rows),
                totals=("All together", None, None, record.equity),
            ),
        ),
    )


def _grouped(lots: Iterable[Position]) -> dict[tuple[Instrument, bool], list[Position]]:
    """Lots of the same thing and side together: shares first, then by day and price."""
    found: dict[tuple[Instrument, bool], list[Position]] = {}
    for lot in sorted(lots, key=_order):
        found.setdefault((lot.instrument, lot.is_short), []).append(lot)
    return found


def _order(lot: Position) -> tuple[bool, str, str, Decimal, str]:
    option = lot.option
    if option is None:
        return False, lot.underlying, "", Decimal(0), lot.id
    return True, option.expiry.isoformat(), lot.underlying, option.strike, lot.id


def costs_section(record: AccountRecord, sources: GainSources) -> Section:
    """Commissions, other charges, and what trading at once gave up."""
    trades = record.spread.fills
    if not trades and not sources.costs:
        return Section("What it cost", (Paragraph("Nothing was traded and nothing was charged."),))
    said = (
        f"Commissions were {dollars(sources.commissions)} for {counted(trades, 'trade')}: that is "
        "what the broker takes."
    )
    if sources.fees:
        said += f" Other fees came to {dollars(sources.fees)}."
    if sources.interest:
        verb = "was paid to you" if sources.interest.amount > 0 else "was charged"
        said += f" Interest of {dollars(sources.interest)} {verb}."
    blocks: list[Block] = [Paragraph(said)]
    spread = record.spread
    if spread.fills_measured:
        verb = "gave up" if spread.amount.amount >= 0 else "gained"
        told = (
            "There is a gap between what buyers offer and what sellers ask, the spread. Measured "
            "from its middle at the moment an order was sent, "
            f"{counted(spread.fills_measured, 'trade')} {verb} {dollars(spread.amount)} together."
        )
        left = trades - spread.fills_measured
        if left:
            told += f" For {counted(left, 'more trade')} this was not recorded one by one."
        told += " This is no extra charge: it is already in the prices of the trades."
        blocks.append(Paragraph(told))
    if record.equity_first.amount > 0 and sources.costs:
        share = per_cent(sources.costs.share_of(record.equity_first))
        blocks.append(
            Paragraph(
                f"All that was charged is {share} of what the account was worth at the beginning.",
                Tone.NOTE,
            )
        )
    traded = Qualifier.MODELLED if record.is_traded_modelled else Qualifier.MEASURED
    figures = [Figure("Commissions", -sources.commissions, Qualifier.MEASURED, "USD, taken off")]
    if sources.fees:
        figures.append(Figure("Other fees", -sources.fees, Qualifier.MEASURED, "USD, taken off"))
    figures.append(
        Figure("Spread given up", spread.amount, traded, "USD, already in the prices of the trades")
    )
    blocks.insert(0, KeyFigures(tuple(figures)))
    return Section("What it cost", tuple(blocks))


def money_section(record: AccountRecord) -> Section:
    """Money that came in or went out, and is neither gain nor loss."""
    moves = money_moves(record)
    if not moves:
        said = "No money came into the account from outside, and none left it."
        return Section("Money in and out", (Paragraph(said),))
    came = total([one.cash for one in moves if one.cash.amount > 0])
    went = total([one.cash for one in moves if one.cash.amount < 0])
    parts = []
    if came:
        parts.append(f"{dollars(came)} came in")
    if went:
        parts.append(f"{dollars(went)} went out")
    return Section(
        "Money in and out",
        (
            Paragraph(
                f"{joined(parts).capitalize()}. This is neither gain nor loss: it is only money "
                "that moved."
            ),
            Table(
                "Each time",
                (
                    Column("On"),
                    Column("What"),
                    Column("Amount", _RIGHT, "USD", Qualifier.MEASURED, is_signed=True),
                ),
                tuple((one.on, _why(one, record.branchings), one.cash) for one in moves),
                totals=("Together", None, total([one.cash for one in moves])),
            ),
        ),
    )


def _why(move: AccountBooking, branchings: tuple[Branching, ...]) -> str:
    if move.reason in ("fork", "merge"):
        near = min(
            (one for one in branchings if one.how == move.reason),
            key=lambda one: abs(one.sequence - move.sequence),
            default=None,
        )
        if near is not None:
            return _branched(near, is_out=move.cash.amount < 0)
    return _REASONS.get(move.reason, move.reason)


def _branched(one: Branching, *, is_out: bool) -> str:
    home = one.account.partition(".")[0]
    if one.how == "fork":
        return f"Went to the new account {one.family}" if is_out else f"Came from account {home}"
    if is_out:
        return f"Went home to account {home}"
    return f"Came home from account {one.family}, which was closed"


def taxes_section(record: AccountRecord) -> Section:
    """What was put aside for taxes out of quarters' gains."""
    whole = total([one.tax for one in record.reinvestments])
    inside = [one for one in record.reinvestments if one.sequence >= record.sequence_first]
    blocks: list[Block] = []
    if not whole:
        blocks.append(
            Paragraph("No money is set aside for taxes in this account. Taxes may still be due.")
        )
    else:
        here = total([one.tax for one in inside])
        blocks.append(
            Paragraph(
                f"{dollars(here)} was set aside for taxes in this time; {dollars(whole)} is set "
                "aside altogether. It is still in the account, and is not traded with."
            )
        )
    shown = [one for one in inside if one.tax]
    if shown:
        blocks.append(
            Table(
                "Set aside for taxes",
                (
                    Column("Part"),
                    Column("Quarter"),
                    Column("Gain of the quarter", _RIGHT, "USD", Qualifier.MEASURED),
                    Column("Set aside", _RIGHT, "USD", Qualifier.ESTIMATE),
                ),
                tuple((sleeve_name(one.account), one.quarter, one.gain, one.tax) for one in shown),
                totals=("Together", None, None, total([one.tax for one in shown])),
            )
        )
    blocks.append(
        Paragraph(
            "What is set aside follows a fixed part of gains. It is an estimate and not your tax: "
            "ask your adviser. The tax report of the year tells more.",
            Tone.NOTE,
        )
    )
    return Section("Taxes", tuple(blocks))


def changes_section(record: AccountRecord) -> Section | None:
    """Accounts that came or went, parts that were opened, and splits; None where nothing did."""
    said = []
    for one in record.branchings:
        home = one.account.partition(".")[0]
        if one.how == "fork":
            said.append(
                f"The gains of account {home} had grown enough, so {dollars(one.amount)} went to a "
                f"new account, {one.family}, which is kept apart from then on."
            )
        else:
            said.append(
                f"Account {one.family} was closed: everything in it was sold, and "
                f"{dollars(one.amount)} went home to account {home}."
            )
    said += [
        f"The part {sleeve_name(one.account)} was opened on {written_day(one.opened_on)} with "
        f"{dollars(one.base)}."
        for one in record.sleeves
        if record.period.first <= one.opened_on <= record.closed_on
    ]
    splits = dict.fromkeys(
        (booking.on, change.before.underlying)
        for booking in record.bookings
        if booking.how == "split"
        for change in booking.changes
        if change.before is not None
    )
    said += [
        f"On {written_day(on)} there was a split of {symbol}: the number of shares changed, what "
        "they were worth together did not."
        for on, symbol in splits
    ]
    if not said:
        return None
    return Section("What changed", tuple(Paragraph(one) for one in said))


def next_section(record: AccountRecord) -> Section:
    """Promises still open at the end, each with its own numbers."""
    open_lots = [lot for lot in record.held.values() if lot.is_short and lot.option is not None]
    if not open_lots:
        said = "At the end you owed nobody anything: no promise was open."
        return Section("What comes next", (Paragraph(said),))
    needed = total([lot.assignment_cost() for lot in open_lots])
    count = len(_grouped(open_lots))
    said = f"{counted(count, 'promise').capitalize()} {'was' if count == 1 else 'were'} still open."
    if needed:
        said += (
            f" If you were held to all that oblige you to buy, you would pay {dollars(needed)}; "
            "that cash is kept ready."
        )
    sentences = []
    for (instrument, _), lots in _grouped(open_lots).items():
        if isinstance(instrument, OptionContract):
            sentences.append((instrument.expiry, _obliged(record, instrument, lots)))
    return Section(
        "What comes next",
        (
            Paragraph(said),
            Table(
                "Promises still open",
                (Column("Until"), Column("What you promise")),
                tuple(sentences),
            ),
        ),
    )


def _obliged(record: AccountRecord, contract: OptionContract, lots: list[Position]) -> str:
    quantity = sum(lot.quantity for lot in lots)
    terms = terms_in_words(contract, quantity, is_short=True).removeprefix("promising to ")
    paid = total([-lot.value_at(lot.price_average) for lot in lots])
    when = "On" if contract.is_european else "Until"
    said = (
        f"{when} {day_in_words(contract.expiry, record.closed_on.year)} you may have to {terms}. "
        f"You were paid {dollars(paid)} for it."
    )
    price = record.prices.get(contract)
    if price is None:
        return said
    cost = notional(price, quantity, contract.multiplier)
    left = paid - cost
    said += f" To be free of it at that close would have cost {dollars(cost)}"
    if left.to_cents():
        said += f", so you would have {gained(left)}"
    return f"{said}."


def prices_section(record: AccountRecord) -> Section:
    """Where prices came from, in plain words."""
    looks = record.looks
    blocks: list[Block] = []
    if looks.quotes:
        share = Decimal(looks.modelled) / Decimal(looks.quotes)
        said = f"The desk looked at {looks.quotes:,} prices in this time."
        if not looks.modelled:
            said += " All of them were recorded from a market."
        elif looks.modelled == looks.quotes:
            said += " All of them were computed by a formula: none was recorded from a market."
        else:
            said += (
                f" {per_cent(share)} of them were computed by a formula, because none was "
                "recorded; the others were recorded from a market."
            )
        blocks.append(Paragraph(said))
    if record.is_modelled:
        blocks.append(
            Paragraph(
                "A computed price is a guess at what a market would have shown. It can be wrong in "
                "both directions, so every figure that rests on one is marked modelled. What is "
                "marked measured stands in the record as it happened."
            )
        )
    else:
        blocks.append(Paragraph("Every figure here that is marked measured stands in the record."))
    blocks.append(
        Paragraph(
            "What a thing is worth is taken half way between what buyers offered and what sellers "
            "asked at the close. If you sold, you would get a little less."
        )
    )
    return Section("How prices were obtained", tuple(blocks))
