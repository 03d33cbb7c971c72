"""The section of a client's statement about what could have been lost, and what was."""

from __future__ import annotations

from decimal import Decimal

from allusedesk.domain.money import Money
from allusedesk.reports.client.record import AccountDay, AccountRecord
from allusedesk.reports.client.words import dollars, per_cent
from allusedesk.reports.statement import (
    Block,
    Figure,
    KeyFigures,
    Paragraph,
    Qualifier,
    Section,
    Tone,
)
from allusedesk.reports.wording import counted, written_day


def risk_section(record: AccountRecord) -> Section:
    """The most that could have been lost, the worst day and the deepest fall, in words."""
    valued = Qualifier.MODELLED if record.is_modelled else Qualifier.MEASURED
    riskiest = max(record.days, key=lambda day: day.at_risk)
    worst = min(record.days, key=lambda day: day.gain)
    fall, top, bottom = _deepest_fall(record)
    figures = [Figure("Most that was at risk", riskiest.at_risk, valued, "USD")]
    if worst.gain.amount < 0:
        figures.append(Figure("Worst day", worst.gain, valued, "USD", is_signed=True))
    figures.append(Figure("Deepest fall, in dollars per $100", _per_hundred(fall), valued))
    blocks: list[Block] = [
        KeyFigures(tuple(figures)),
        Paragraph(_at_risk(riskiest)),
        Paragraph(_worst(record, worst)),
        Paragraph(_fallen(fall, top, bottom)),
        Paragraph(
            "What was at risk counts the cash that would have had to buy shares as promised, and "
            "the worth of all shares and rights, as if all of them became worthless at one night.",
            Tone.NOTE,
        ),
    ]
    return Section("What was at risk", tuple(blocks))


def _per_hundred(fraction: Decimal) -> Money:
    return Money((fraction * 100).quantize(Decimal("0.01")))


def _at_risk(day: AccountDay) -> str:
    if day.at_risk.amount <= 0:
        return "Nothing was at risk: at every close the account held only cash."
    said = (
        f"The riskiest close was that of {written_day(day.on)}. If every share you held, or had "
        f"promised to buy, had become worthless the next morning, you would have lost "
        f"{dollars(day.at_risk)}"
    )
    if day.equity.amount > 0:
        share = day.at_risk.share_of(day.equity)
        said += f", {per_cent(share)} of the {dollars(day.equity)} the account was worth"
    return f"{said}. That is the most that could have been lost; it is unlikely, not impossible."


def _worst(record: AccountRecord, worst: AccountDay) -> str:
    lost = [day for day in record.days if day.gain.to_cents().amount < 0]
    if not lost:
        return f"On none of {counted(len(record.days), 'day')} did the account lose anything."
    before = worst.equity - worst.gain
    share = ""
    if before.amount > 0:
        share = f", {per_cent(worst.gain.share_of(before))} of what was in it"
    days = "day" if len(record.days) == 1 else "days"
    return (
        f"On {len(lost):,} of {len(record.days):,} {days} the account lost something. The worst "
        f"was {written_day(worst.on)}: it lost {dollars(worst.gain)}{share}."
    )


def _fallen(fall: Decimal, top: AccountDay | None, bottom: AccountDay) -> str:
    if not _per_hundred(fall):
        return "It never closed below a value it had reached before in this time."
    since = f"its highest close, on {written_day(top.on)}," if top else "the beginning"
    return (
        f"The deepest fall: from {since} to {written_day(bottom.on)} each $100 became "
        f"{dollars(Money(Decimal(100)) - _per_hundred(fall))}, a loss of {per_cent(fall)}. Money "
        "paid in or taken out does not count here."
    )


def _deepest_fall(record: AccountRecord) -> tuple[Decimal, AccountDay | None, AccountDay]:
    """The fraction lost, the close it fell from (None: the beginning) and the lowest one."""
    high, top = Decimal(1), None
    found: tuple[Decimal, AccountDay | None, AccountDay] = (Decimal(0), None, record.days[0])
    for day in record.days:
        if day.index > high:
            high, top = day.index, day
        fall = 1 - day.index / high if high else Decimal(0)
        if fall > found[0]:
            found = fall, top, day
    return found
