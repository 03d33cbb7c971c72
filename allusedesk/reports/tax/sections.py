"""The sections of a tax statement beyond the forms: lots, income, what was set aside, flags."""

from __future__ import annotations

from allusedesk.domain.money import total
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Column,
    Paragraph,
    Percent,
    Qualifier,
    Section,
    Table,
)
from allusedesk.reports.tax.year import TaxYear
from allusedesk.reports.weekly.words import sleeve_name
from allusedesk.reports.wording import shown

_RIGHT = Alignment.RIGHT


def amount_column(title: str, *, is_signed: bool = False) -> Column:
    """A column of estimated dollars."""
    return Column(title, _RIGHT, "USD", Qualifier.ESTIMATE, is_signed=is_signed)


def written_or_not(*, is_short: bool) -> str:
    """What marks an option that was written."""
    return " (written)" if is_short else ""


def lots_section(year: TaxYear) -> Section:
    """What was still held, or written and not ended, at the year's end."""
    ends = "the end of the year" if year.is_whole else "the last close on record"
    return Section(
        "Lots still open",
        (
            Paragraph(
                f"What was held, or written and not ended, at {ends}. Cost is what was paid, or "
                "with a minus what was received; deferred losses of wash sales are added to it."
            ),
            Table(
                "Lots",
                (
                    Column("Description"),
                    Column("Acquired or written"),
                    Column("Holding began"),
                    amount_column("Cost"),
                    amount_column("Deferred losses"),
                    Column("Sleeve"),
                ),
                tuple(
                    (
                        f"{lot.units} {lot.instrument}{written_or_not(is_short=lot.is_short)}",
                        lot.acquired_on,
                        None if lot.is_short else lot.held_from,
                        lot.cost,
                        lot.deferred,
                        sleeve_name(lot.account),
                    )
                    for lot in year.lots
                ),
                empty="No lot was open.",
                totals=(
                    "Total",
                    None,
                    None,
                    total([lot.cost for lot in year.lots]),
                    total([lot.deferred for lot in year.lots]),
                    None,
                )
                if year.lots
                else (),
            ),
        ),
    )


def income_section(year: TaxYear) -> Section:
    """Dividends, interest, fees apart from trades, and what commissions came to."""
    ordinary = total([one.amount for one in year.dividends if one.is_ordinary])
    unknown = total([one.amount for one in year.dividends if not one.is_ordinary])
    blocks: list[Block] = [
        Paragraph(
            f"Dividends: {shown(ordinary)} USD surely ordinary, since no share was held more than "
            f"60 of the 121 days around the ex-date; {shown(unknown)} USD ordinary or qualified: "
            "unknown, since days under a written call may not count. Commissions of "
            f"{shown(year.commissions)} USD are already in the rows and lots."
        ),
        Table(
            "Dividends",
            (
                Column("Paid on"),
                Column("Of"),
                Column("Sleeve"),
                amount_column("Amount"),
                Column("Kind"),
            ),
            tuple(
                (
                    one.on,
                    one.symbol,
                    sleeve_name(one.account),
                    one.amount,
                    "ordinary" if one.is_ordinary else "unknown",
                )
                for one in year.dividends
            ),
            empty="No dividend was paid.",
            totals=("Total", None, None, ordinary + unknown, None) if year.dividends else (),
        ),
        Table(
            "Interest and fees apart from trades",
            (
                Column("On"),
                Column("What"),
                Column("Sleeve"),
                amount_column("Amount", is_signed=True),
            ),
            tuple(
                (one.settles_on, one.reason, sleeve_name(one.account), one.amount)
                for one in (*year.interest, *year.charges)
            ),
            empty="No interest and no fee was booked.",
            totals=(
                "Total",
                None,
                None,
                total([one.amount for one in (*year.interest, *year.charges)]),
            )
            if year.interest or year.charges
            else (),
        ),
    ]
    return Section("Dividends, interest and commissions", tuple(blocks))


def reserve_section(year: TaxYear) -> Section:
    """What was set aside against a yardstick, and the periods of estimated payments."""
    share, gain = year.reserve_share, year.report.sums.whole
    paid = [one.amount for one in year.dividends] + [one.amount for one in year.interest]
    income = gain + total(paid)
    base = income if income.amount > 0 else income - income
    wanted = (base * share).to_cents()
    if share:
        said = (
            f"The rulebook sets aside {shown(Percent(share))} of some sleeves' quarterly gains. "
            f"At the same share, gains and income of the year ({shown(income)} USD) would ask for "
            f"{shown(wanted)} USD; {shown(year.set_aside)} USD was set aside, "
            f"{shown(year.set_aside - wanted, is_signed=True)} against it. Your own rates may be "
            "quite different: no brackets, state taxes or other income are known here."
        )
    else:
        said = (
            "The rulebook sets nothing aside for taxes. Whatever is due has to be paid from "
            "elsewhere, or taken out."
        )
    blocks: list[Block] = [
        Paragraph(said),
        Table(
            "Set aside for taxes",
            (
                Column("Sleeve"),
                Column("Quarter"),
                amount_column("Gain"),
                amount_column("Set aside"),
            ),
            tuple(
                (sleeve_name(one.account), one.quarter, one.gain, one.tax)
                for one in year.reserved
                if one.tax
            ),
            empty="Nothing was set aside in this year.",
            totals=("Total", None, None, year.set_aside) if year.set_aside else (),
        ),
        Table(
            "What estimated payments look at",
            (
                Column("Months"),
                Column("Payment due"),
                amount_column("Short-term", is_signed=True),
                amount_column("Long-term", is_signed=True),
                amount_column("Together", is_signed=True),
            ),
            tuple(
                (
                    one.period,
                    one.due,
                    one.sums.short_term,
                    one.sums.long_term,
                    one.sums.whole,
                )
                for one in year.report.instalments
            ),
            totals=(
                "The year",
                None,
                total([one.sums.short_term for one in year.report.instalments]),
                total([one.sums.long_term for one in year.report.instalments]),
                year.report.sums.whole,
            ),
        ),
    ]
    return Section("Set aside, and estimated payments", tuple(blocks))


def flags_section(year: TaxYear) -> Section:
    """What a person should take to an adviser."""
    return Section(
        "To take to an adviser",
        (
            Table(
                "Flags",
                (Column("On"), Column("Sleeve"), Column("What"), Column("Why")),
                tuple(
                    (flag.on, sleeve_name(flag.account), str(flag.instrument), flag.concern.value)
                    for flag in year.report.flags
                ),
                empty="Nothing was flagged.",
            ),
        ),
    )


def limits_section() -> Section:
    """What the estimate leaves out."""
    return Section(
        "What is not estimated",
        (
            Paragraph(
                "State taxes, rates and brackets, the tax on net investment income, how much of a "
                "loss may be used this year, losses carried over, the deferral of straddle losses, "
                "puts bought on shares held under a year, elections, retirement accounts, and "
                "accounts elsewhere that could hold a replacement."
            ),
        ),
    )
