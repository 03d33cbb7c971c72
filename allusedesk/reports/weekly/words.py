"""Names and qualifiers that every section of the weekly statement shares."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountId, AccountKind, family_of, kind_of
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.journal.queries.record import is_between_sleeves
from allusedesk.journal.read_values import Mark
from allusedesk.journal.week_evidence import SleeveFigures, WeekEvidence
from allusedesk.reports.statement import Qualifier
from allusedesk.reports.wording import written_day


def sleeve_name(account: str) -> str:
    """A sleeve as people call it, such as `F1 Gen`."""
    known = AccountId(account)
    return f"{family_of(known)} {kind_of(known).label}"


def tier_of(account: str) -> AccountKind:
    """The tier of a sleeve."""
    return kind_of(AccountId(account))


def traded_as(evidence: WeekEvidence) -> Qualifier:
    """What was realised: modelled where a trade behind it was proposed on a modelled quote."""
    return Qualifier.MODELLED if evidence.trades_modelled else Qualifier.MEASURED


def marked_as(evidence: WeekEvidence) -> Qualifier:
    """What the last close is worth: modelled where a trade of the week or a last mark was."""
    is_modelled = any(mark.is_modelled for mark in evidence.overview.marks_end)
    return Qualifier.MODELLED if is_modelled else traded_as(evidence)


def seen_as(evidence: WeekEvidence) -> Qualifier:
    """What rests on trades and on marks of both ends of the week: modelled as soon as one was."""
    is_modelled = any(mark.is_modelled for mark in evidence.overview.marks_start)
    return Qualifier.MODELLED if is_modelled else marked_as(evidence)


def looked_as(evidence: WeekEvidence) -> Qualifier:
    """What rests on any price that was looked at: modelled as soon as one quote was."""
    return Qualifier.MODELLED if evidence.samples.modelled else seen_as(evidence)


def realised_net(figures: SleeveFigures) -> Money:
    """Closed trades and dividends after commissions."""
    return figures.realised + figures.dividends - figures.commission


def equity_at_start(evidence: WeekEvidence) -> dict[str, Money]:
    """Each sleeve's equity at the last close before the week, or what it was opened with.

    What a fork or a merge moved counts where it went alone: both come with the check before the
    week's first session, and the same dollars cannot be held against two targets.
    """
    before = {mark.account: mark.equity for mark in evidence.overview.marks_start}
    for move in evidence.booked_cash:
        if is_between_sleeves(move) and move.account in before:
            before[move.account] = before[move.account] + move.amount
    opened = {one.account: one.base for one in evidence.sleeves}
    return opened | before


def figures_by_sleeve(evidence: WeekEvidence) -> dict[str, SleeveFigures]:
    """The bookings of each sleeve that still holds anything, or did something this week."""
    alive = {mark.account for mark in evidence.overview.marks_end}
    found = {one.account: one for one in evidence.figures}
    return {
        account: found[account]
        for account in sorted(found, key=order_of)
        if account in alive or realised_net(found[account])
    }


def order_of(account: str) -> tuple[int, str, int]:
    """Families in the order they were opened, each as Gen, Rev, Com."""
    family = family_of(AccountId(account))
    number = "".join(letter for letter in family if letter.isdecimal())
    return int(number or 0), family, list(AccountKind).index(tier_of(account))


def marks_in_order(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Marks by family and tier."""
    return tuple(sorted(marks, key=lambda mark: order_of(mark.account)))


def unrealised_by_sleeve(evidence: WeekEvidence) -> dict[str, Money]:
    """What the lots carried on are worth beyond their cost; what ended since is left out."""
    found: dict[str, Money] = {}
    for one in evidence.lots_open:
        gain = one.unrealised or NOTHING
        found[one.lot.account] = found.get(one.lot.account, NOTHING) + gain
    return found


def equity_of(marks: tuple[Mark, ...]) -> Money:
    """All sleeves together."""
    return total([mark.equity for mark in marks])


def days_in_words(evidence: WeekEvidence) -> str:
    """The week's sessions from first to last, such as `11 to 15 February 2013`."""
    first, last = evidence.overview.plan.first_session, evidence.overview.plan.last_session
    if first == last:
        return written_day(first)
    start = written_day(first)
    if first.year == last.year:
        start = start.rpartition(" ")[0]
        if first.month == last.month:
            start = start.partition(" ")[0]
    return f"{start} to {written_day(last)}"
