"""What a week's statement rests on beside the overview: its span of entries and what they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from json import JSONDecoder

from allusedesk.domain.alarms import Alarm, AlarmKind
from allusedesk.domain.events import (
    AlarmsDropped,
    AlarmsSet,
    BalancesMarked,
    ProposalApproved,
    ProposalCompleted,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalRefused,
    ProposalVoided,
)
from allusedesk.domain.inputs import DeskOpened, MarketSampled
from allusedesk.domain.money import Money, Price, notional, total
from allusedesk.domain.quotes import Quote
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.chain import Row
from allusedesk.journal.faults import JournalDamaged
from allusedesk.journal.queries.practice import BandCount, bands_without_strike
from allusedesk.journal.queries.record import balances, sleeves
from allusedesk.journal.queries.weeks import lots_held
from allusedesk.journal.quote_rows import sample_in_brief
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.read_values import (
    CashMoved,
    LotChanged,
    LotHeld,
    Mark,
    Sleeve,
    WeekOverview,
)
from allusedesk.journal.scalars import read_instant
from allusedesk.journal.store import entry_of

_DECODER = JSONDecoder()
# Within a string of an entry's text a quotation mark is escaped, so neither can be part of one.
_DROPPED = re.compile(r'"quotes_dropped":(\d+)')
_DEFECTS = '"defects":'
_ANSWERS = (
    ProposalRefused,
    ProposalApproved,
    ProposalDeclined,
    ProposalLapsed,
    ProposalVoided,
    ProposalCompleted,
)
_ON_ALARMS = frozenset(
    kind.__name__ for kind in (AlarmsSet, AlarmsDropped, ProposalMade, *_ANSWERS)
)
_WITHIN = "WHERE sequence BETWEEN ? AND ? ORDER BY sequence"
TRADES_MODELLED = (
    "SELECT count(*) FROM proposals WHERE is_modelled AND id IN (SELECT proposal FROM orders WHERE "
    "id IN (SELECT order_id FROM fills WHERE sequence BETWEEN ? AND ?) OR id IN (SELECT opened_by "
    "FROM lots WHERE id IN (SELECT lot FROM lot_changes WHERE sequence BETWEEN ? AND ?)))"
)


@dataclass(frozen=True, slots=True)
class SleeveFigures:
    """A sleeve's bookings in a span of entries; `floor` is what its surplus is measured from."""

    account: str
    realised: Money
    commission: Money
    dividends: Money
    floor: Money


@dataclass(frozen=True, slots=True)
class WeekMarks:
    """The last marks of one week."""

    week: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SampleCount:
    """Of all quotes looked at: how many, how many modelled, how many dropped as invalid."""

    quotes: int
    modelled: int
    dropped: int
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusalSeen:
    """A proposal our own checks refused; its comparisons stand under the same `sequence`."""

    sequence: int
    account: str
    proposal: str
    rule: str


@dataclass(frozen=True, slots=True)
class LotNamed:
    """What a lot is or was, and whose."""

    id: str
    account: str
    instrument: str
    role: str


@dataclass(frozen=True, slots=True)
class LotOpen:
    """A lot carried on, with its latest mark; without one it counts at cost, so None."""

    lot: LotHeld
    mark: Price | None
    unrealised: Money | None


@dataclass(frozen=True, slots=True)
class WeekEvidence:
    """A week's overview, and the entries it covers: from after the last cut to its own.

    `recorded_at` is the instant of the last of them, `alarms_next` what rings after it, and
    `trades_modelled` counts the proposals behind its fills and lots that saw a modelled quote.
    """

    overview: WeekOverview
    sequence_first: int
    sequence_last: int
    recorded_at: datetime
    chain_head: str
    rulebook_text: str
    sleeves: tuple[Sleeve, ...]
    figures: tuple[SleeveFigures, ...]
    history: tuple[WeekMarks, ...]
    samples: SampleCount
    trades_modelled: int
    refused: tuple[RefusalSeen, ...]
    booked_lots: tuple[LotChanged, ...]
    booked_cash: tuple[CashMoved, ...]
    lots_open: tuple[LotOpen, ...]
    lots_named: tuple[LotNamed, ...]
    bands: tuple[BandCount, ...]
    alarms_next: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class _Realised:
    account: str
    realised: Money


@dataclass(frozen=True, slots=True)
class _Commission:
    account: str
    commission: Money


@dataclass(frozen=True, slots=True)
class _Moved:
    account: str
    amount: Money
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class _Kept:
    account: str
    contracts: Money


def week_evidence(side: ReadSide, overview: WeekOverview, weeks_shown: int = 26) -> WeekEvidence:
    """All that the statement of a week shows beside the overview.

    Raises JournalDamaged where an entry of the week is not as it was written.
    """
    first, last = _span(side, overview)
    opened = next(iter(side.journal.read(1, 1))).event
    if not isinstance(opened, DeskOpened):
        message = "The journal does not begin with the opening of a desk: verify it."
        raise JournalDamaged(message, 1)
    seen = _seen(side, first, last)
    quotes = _marks_of(seen.rows_marked)
    known = tuple(one for one in sleeves(side) if one.opened_on <= overview.plan.session_after)
    return WeekEvidence(
        overview=overview,
        sequence_first=first,
        sequence_last=last,
        recorded_at=seen.recorded_at,
        chain_head=side.journal.head()[1],
        rulebook_text=opened.rulebook_text,
        sleeves=known,
        figures=sleeve_figures(side, known, first, last),
        history=_history(side, overview.plan.last_session, weeks_shown),
        samples=seen.samples,
        trades_modelled=side.column(TRADES_MODELLED, (first, last, first, last))[0],
        refused=_refused(side, overview.plan.week),
        booked_lots=tuple(side.figures(LotChanged, f"FROM lot_changes {_WITHIN}", (first, last))),
        booked_cash=tuple(side.figures(CashMoved, f"FROM cash_moves {_WITHIN}", (first, last))),
        lots_open=tuple(_valued(lot, quotes) for lot in lots_held(side, last)),
        lots_named=_named(side, overview.plan.week, first, last),
        bands=bands_without_strike(side, overview.plan.week),
        alarms_next=seen.alarms,
    )


def _span(side: ReadSide, overview: WeekOverview) -> tuple[int, int]:
    before = side.column(
        "SELECT max(sequence) FROM closings WHERE week = (SELECT max(week) FROM closings "
        "WHERE week < ?)",
        (overview.plan.week,),
    )[0]
    last = overview.closings[-1].sequence if overview.closings else side.journal.head()[0]
    return (before or 0) + 1, last


def sleeve_figures(
    side: ReadSide, known: Sequence[Sleeve], first: int, last: int
) -> tuple[SleeveFigures, ...]:
    """What the entries from `first` to `last` booked in each of the sleeves."""
    span = (first, last)
    gains = side.figures(_Realised, f"FROM lot_changes {_WITHIN}", span)
    paid = side.figures(_Commission, f"FROM fills {_WITHIN}", span)
    recent = side.figures(_Moved, f"FROM cash_moves {_WITHIN}", span)
    moved = side.figures(_Moved, f"FROM cash_moves {_WITHIN}", (1, last))
    kept = side.figures(_Kept, f"FROM reinvestments {_WITHIN}", (1, last))
    return tuple(
        SleeveFigures(
            account=one.account,
            realised=total([gain.realised for gain in gains if gain.account == one.account]),
            commission=total([fee.commission for fee in paid if fee.account == one.account]),
            dividends=total(
                [m.amount for m in recent if m.account == one.account and m.how == "dividend"]
            ),
            floor=one.base
            + total(
                [
                    *(m.amount for m in moved if m.account == one.account and _moves_floor(m)),
                    *(part.contracts for part in kept if part.account == one.account),
                ]
            ),
        )
        for one in known
    )


def _moves_floor(moved: _Moved) -> bool:
    """Money from or to the outside moves the base; the opening is the base itself."""
    return moved.how == "cash" and moved.reason in ("deposit", "withdrawal")


def _history(side: ReadSide, last: date, weeks_shown: int) -> tuple[WeekMarks, ...]:
    marks = balances(side, last - timedelta(weeks=weeks_shown) + timedelta(days=1), last)
    by_week: dict[WeekId, dict[str, Mark]] = {}
    for mark in marks:
        year, number, _ = mark.on_day.isocalendar()
        by_week.setdefault(WeekId(year, number), {})[mark.account] = mark
    # A sleeve that was closed during a week has no mark on its last day.
    return tuple(WeekMarks(str(week), _of_last_day(found)) for week, found in by_week.items())


def _of_last_day(found: dict[str, Mark]) -> tuple[Mark, ...]:
    last = max(mark.on_day for mark in found.values())
    return tuple(found[account] for account in sorted(found) if found[account].on_day == last)


def _refused(side: ReadSide, week: str) -> tuple[RefusalSeen, ...]:
    found = side.figures(RefusalSeen, "FROM refusals WHERE week = ? ORDER BY sequence", (week,))
    return tuple(found)


def _named(side: ReadSide, week: str, first: int, last: int) -> tuple[LotNamed, ...]:
    found = side.figures(
        LotNamed,
        "FROM lots WHERE id IN (SELECT lot FROM lot_changes WHERE sequence BETWEEN ? AND ?) "
        "OR id IN (SELECT position FROM outcomes WHERE week = ?) ORDER BY id",
        (first, last, week),
    )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one pass over the entries of the span finds; `rows_marked` hold the latest quotes."""

    samples: SampleCount
    alarms: tuple[Alarm, ...]
    recorded_at: datetime
    rows_marked: tuple[Row, ...]


def _seen(side: ReadSide, first: int, last: int) -> _Seen:
    quotes = modelled = dropped = 0
    defects: dict[str, None] = {}
    alarms: dict[str, Alarm] = {}
    marked: list[Row] = []
    recorded_at = None
    for row in side.journal.rows(first, last):
        if row.kind == MarketSampled.__name__:
            _, count, by_model = sample_in_brief(row.body)
            quotes, modelled = quotes + count, modelled + by_model
            dropped += sum(int(found) for found in _DROPPED.findall(row.body))
            defects |= dict.fromkeys(_defects_of(row.body))
            marked.append(row)
        elif row.kind == BalancesMarked.__name__:
            marked = [row]
        elif row.kind in _ON_ALARMS:
            _note_alarms(alarms, entry_of(row).event)
        if row.sequence == last:
            recorded_at = read_instant(row.recorded_at)
    if recorded_at is None:
        message = f"Entry {last} of the journal cannot be found: verify it."
        raise JournalDamaged(message, last)
    coming = [alarm for alarm in alarms.values() if alarm.due_at > recorded_at]
    coming.sort(key=lambda alarm: (alarm.due_at, alarm.id))
    counted = SampleCount(quotes, modelled, dropped, tuple(defects))
    return _Seen(counted, tuple(coming), recorded_at, tuple(marked))


def _marks_of(rows: Sequence[Row]) -> dict[str, Quote]:
    """The latest quote of each instrument that the marking of balances, or a later look, shows."""
    found: dict[str, Quote] = {}
    for row in rows:
        event = entry_of(row).event
        if isinstance(event, BalancesMarked):
            quotes = event.quotes
        elif isinstance(event, MarketSampled):
            seen = event.snapshot
            quotes = (*(one.quote for one in seen.underlyings), *seen.held)
        else:
            continue
        found |= {str(quote.instrument): quote for quote in quotes if quote.mark is not None}
    return found


def _valued(lot: LotHeld, quotes: dict[str, Quote]) -> LotOpen:
    quote = quotes.get(lot.instrument)
    mark = quote.mark if quote is not None else None
    if quote is None or mark is None:
        return LotOpen(lot, None, None)
    gain = notional(mark - lot.price_average, lot.quantity, quote.instrument.multiplier)
    return LotOpen(lot, mark, gain)


def _note_alarms(alarms: dict[str, Alarm], event: object) -> None:
    if isinstance(event, AlarmsSet):
        alarms |= {alarm.id: alarm for alarm in event.alarms}
    elif isinstance(event, AlarmsDropped):
        for gone in event.alarms:
            alarms.pop(gone, None)
    elif isinstance(event, ProposalMade):
        # That an open question lapses is recorded with the question alone.
        asked = event.proposal
        lapse = Alarm(f"lapse/{asked.id}", AlarmKind.APPROVAL_LAPSE, asked.expires_at, asked.id)
        alarms[lapse.id] = lapse
    elif isinstance(event, _ANSWERS):
        alarms.pop(f"lapse/{event.proposal}", None)


def _defects_of(body: str) -> list[str]:
    place = body.find(_DEFECTS)
    found = _DECODER.raw_decode(body, place + len(_DEFECTS))[0] if place >= 0 else []
    return [str(one) for one in found]
