"""The client's statement: one account and one period in plain words, from the record alone."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.inputs import Mode
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.queries.record import desk_header
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.client.glossary import glossary_section, with_links
from allusedesk.reports.client.record import AccountRecord, account_record
from allusedesk.reports.client.risk import risk_section
from allusedesk.reports.client.sections import (
    changes_section,
    costs_section,
    held_section,
    money_section,
    next_section,
    prices_section,
    taxes_section,
)
from allusedesk.reports.client.sources import GainSources, gain_sources, money_moves
from allusedesk.reports.client.stories import option_stories, prices_at_the_end, share_steps
from allusedesk.reports.client.targets import targets_section
from allusedesk.reports.client.trades import promises_section, rights_section, shares_section
from allusedesk.reports.client.words import TIERS, dollars, gained, joined
from allusedesk.reports.kinds import ReportPeriod
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Percent,
    Qualifier,
    Reference,
    Section,
    Series,
    Standing,
    Statement,
    Step,
    Table,
    TimeChart,
    Tone,
    Waterfall,
)
from allusedesk.reports.weekly.words import order_of, tier_of
from allusedesk.reports.wording import written_day

_MODES = {
    Mode.REHEARSAL.name: (
        "This is a rehearsal: no real money was used, and nothing was really bought or sold. It "
        "shows what the rules would have done on days that are past, and knowing the past is "
        "easier than living it."
    ),
    Mode.PAPER.name: (
        "This is a paper account, for practice: no real money was used, and nothing was really "
        "bought or sold. Real trades may find other prices."
    ),
}
_HONEST = (
    "This statement only tells what happened. It is not advice, and it promises nothing: what was "
    "gained before may be lost later, also all of it."
)


def build_client_statement(
    side: ReadSide, period: ReportPeriod, account: str, targets_by: str = ""
) -> Statement:
    """The statement of a family such as `F1` or a sleeve such as `F1.gen`; the first if empty.

    `targets_by` is the person who switched on that targets are shown; empty where nobody did.
    Raises AccountUnknown where the account was not open in the period, JournalDamaged where an
    entry is not as it was written.
    """
    record = account_record(side, period, account)
    header = desk_header(side)
    mode = header.mode if header else ""
    sources = gain_sources(record)
    stories = option_stories(record)
    closes = prices_at_the_end(side, stories)
    steps = share_steps(record)
    made = (
        _short_section(record, sources, mode),
        held_section(record),
        promises_section(record, sources, stories, closes),
        rights_section(record, sources, stories, closes),
        shares_section(record, sources, steps),
        risk_section(record),
        costs_section(record, sources),
        money_section(record),
        taxes_section(record),
        changes_section(record),
        next_section(record),
        targets_section(side, record, targets_by) if targets_by else None,
        prices_section(record),
    )
    sections = [section for section in made if section is not None]
    printed = f"{mode} rulebook journal chain head {Standing.PROVISIONAL.value}"
    words = glossary_section(sections, printed)
    is_over = period.is_over
    return Statement(
        title=f"Statement of account {record.name}",
        subtitle="In plain words, from the record: what happened to your money, and why",
        mode=mode,
        rulebook=header.rulebook if header else "",
        period=f"{period.name}, {_days_in_words(record)}",
        chain_head=side.journal.head()[1],
        sequence_first=record.sequence_first,
        sequence_last=record.sequence_last,
        standing=Standing.FINAL if is_over else Standing.PROVISIONAL,
        version=1 if is_over else 0,
        sections=(*(with_links(section) for section in sections), words),
    )


def _days_in_words(record: AccountRecord) -> str:
    return f"{written_day(record.period.first)} to {written_day(record.closed_on)}"


def _short_section(record: AccountRecord, sources: GainSources, mode: str) -> Section:
    valued = Qualifier.MODELLED if record.is_modelled else Qualifier.MEASURED
    blocks: list[Block] = []
    if mode in _MODES:
        blocks.append(Paragraph(_MODES[mode], Tone.WARNING))
    growth = record.days[-1].index - 1
    at_risk = max((day.at_risk for day in record.days), default=Money(Decimal(0)))
    blocks += [
        KeyFigures(
            (
                Figure("Worth at the end", record.equity, valued, "USD"),
                Figure("Gained or lost", record.gain, valued, "USD", is_signed=True),
                Figure("That is", Percent(growth), valued, "after costs", is_signed=True),
                Figure(
                    "Paid in less taken out",
                    record.moved,
                    Qualifier.MEASURED,
                    "USD",
                ),
                Figure("Costs", -sources.costs, Qualifier.MEASURED, "USD, already taken off"),
                Figure("Most that was at risk", at_risk, valued, "USD, on the riskiest day"),
            )
        ),
        Paragraph(_in_short(record, sources)),
        Paragraph(_HONEST),
    ]
    if record.is_modelled:
        blocks.append(
            Paragraph(
                "Figures marked modelled rest, at least partly, on prices that were computed "
                "because none was recorded; with real prices the results would have been others. "
                "How prices were obtained, near the end, says more.",
                Tone.NOTE,
                (Reference("How prices were obtained", "How prices were obtained"),),
            )
        )
    blocks.append(_value_chart(record, valued))
    if any(day.moved for day in record.days[1:]):
        said = "A step up or down in the upper line may be money that came in or went out."
        blocks.append(Paragraph(f"{said} The lower line leaves such money aside.", Tone.NOTE))
    if any(amount for _, amount in sources.named()):
        blocks.append(_waterfall(record, sources, valued))
    blocks.append(_value_table(record, sources, valued))
    return Section("Your account in short", tuple(blocks))


def _in_short(record: AccountRecord, sources: GainSources) -> str:
    if len(record.sleeves) > 1:
        labels = dict.fromkeys(
            f"{tier_of(one.account).label} ({TIERS[tier_of(one.account)]})"
            for one in sorted(record.sleeves, key=lambda one: order_of(one.account))
        )
        who = f"The account {record.name} has {len(labels)} parts: {joined(list(labels))}."
    else:
        tier = tier_of(record.sleeves[0].account)
        who = f"The account {record.name} is {TIERS[tier]}."
    began = f"At the beginning it was worth {dollars(record.equity_first)}"
    if not record.equity_first:
        began = "At the beginning there was nothing in it"
    moves = [one.cash for one in money_moves(record)]
    came = total([cash for cash in moves if cash.amount > 0])
    went = total([cash for cash in moves if cash.amount < 0])
    flows = [f"{dollars(came)} came into it"] if came else []
    flows += [f"{dollars(went)} went out of it"] if went else []
    if flows:
        began += f", then {joined(flows)}"
    ended = (
        f"At the close of {written_day(record.closed_on)} it was worth {dollars(record.equity)}."
    )
    growth = record.days[-1].index - 1
    costs = f", {dollars(sources.costs)} of costs already taken off" if sources.costs else ""
    told = f"So it {gained(record.gain)}{costs}."
    if not record.gain.to_cents():
        told = "So it neither gained nor lost anything."
    elif round(growth, 4):
        verb = "grew" if growth > 0 else "shrank"
        told += f" Each $100 kept in it {verb} by {dollars(Money(abs(growth) * 100).to_cents())}."
    why = _why(sources)
    return f"{who} {began}. {ended} {told}{why}"


def _why(sources: GainSources) -> str:
    named = {
        "promises to buy shares": sources.promises_to_buy,
        "promises to sell shares": sources.promises_to_sell,
        "rights you bought": sources.rights,
        "shares": sources.shares,
        "dividends": sources.dividends,
        "interest": sources.interest,
    }
    won = [(name, amount) for name, amount in named.items() if amount.to_cents().amount > 0]
    lost = [(name, amount) for name, amount in named.items() if amount.to_cents().amount < 0]
    said = ""
    if won:
        said += " Before costs it gained " + joined([f"{dollars(a)} by {n}" for n, a in won])
        said += "."
    if lost:
        begin = "It lost " if won else "Before costs it lost "
        said += f" {begin}" + joined([f"{dollars(a)} by {n}" for n, a in lost]) + "."
    return said


def _value_chart(record: AccountRecord, valued: Qualifier) -> TimeChart:
    highs: list[Decimal] = []
    high = Decimal(1)
    for day in record.days:
        high = max(high, day.index)
        highs.append(high)
    falls = tuple(Percent(1 - day.index / top) for day, top in zip(record.days, highs, strict=True))
    return TimeChart(
        "What the account was worth at each close, and how far it had fallen",
        tuple(day.on for day in record.days),
        (Series("Worth", tuple(day.equity for day in record.days), valued),),
        Series("Below its highest so far", falls, valued),
    )


def _waterfall(record: AccountRecord, sources: GainSources, valued: Qualifier) -> Waterfall:
    # From zero, since bars of a whole account cut off at the left would mislead the eye.
    return Waterfall(
        "Where the gain or loss came from",
        Step("Before the first day", NOTHING),
        tuple(Step(name, amount) for name, amount in sources.named() if amount),
        Step("Gained or lost", record.gain),
        valued,
    )


_MEANINGS = {
    "Paid in or out": "money that you, or another account, brought or took",
    "Promises to buy": "what promises to buy shares brought in this time, ended or still open",
    "Promises to sell": "the same for promises to sell shares",
    "Rights you bought": "the same for rights",
    "Shares": "how much your shares gained or lost in this time, sold or not",
    "Dividends": "what companies paid for the shares you held",
    "Interest": "what was paid for money",
    "Not explained": "what no price on record explains",
    "Commissions": "what the broker took for trades",
    "Other costs": "other fees",
}


def _value_table(record: AccountRecord, sources: GainSources, valued: Qualifier) -> Table:
    parts = [("Paid in or out", record.moved), *sources.named()]
    rows = [
        ("At the beginning", "what the account was worth before the first day", record.equity_first)
    ]
    rows += [(name, _MEANINGS[name], amount) for name, amount in parts if amount]
    return Table(
        "From the beginning to the end, line by line",
        (
            Column("What"),
            Column("Meaning"),
            Column("Amount", Alignment.RIGHT, "USD", valued),
        ),
        tuple(rows),
        totals=("At the end", None, record.equity),
    )
