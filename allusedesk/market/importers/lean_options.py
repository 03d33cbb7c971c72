"""LEAN's option archives, one file per contract: days as chains at the close, or one day's minutes.

An archive holds one kind of figures: quotes, trades or open interest. What belongs together is
laid together when a history is opened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from allusedesk.market.calendar import ExchangeCalendar
from allusedesk.market.contract_terms import ExerciseStyle, Settlement
from allusedesk.market.history import (
    Dates,
    Defect,
    Effect,
    FileRefused,
    Flags,
    Floats,
    RecordedChain,
)
from allusedesk.market.importers.bar_rows import PRICE_MAX
from allusedesk.market.importers.compressed import members_of
from allusedesk.market.importers.lean_rows import (
    PRICE_SCALE,
    ContractMember,
    contract_member,
    instants_of,
    member_rows,
    rows_ascend,
)
from allusedesk.market.importers.option_columns import (
    INDEX_OF_ROOT,
    Findings,
    Numbers,
    repeated,
)
from allusedesk.market.intraday import MinuteChain

_WIDTHS = {"quote": 11, "trade": 6, "openinterest": 2}
_MINUTE = 60
# Options on an index trade on for a quarter of an hour after the close.
_INDEX_SECONDS_AFTER_CLOSE = 900


@dataclass(frozen=True, slots=True)
class _Contracts:
    """What the names of the files say, one row a contract.

    LEAN files the options on an index under their root: `spx` settles in the morning, `spxw` at
    the close.
    """

    symbol: str
    root: str
    kind: str
    style: ExerciseStyle
    expiries: Dates
    is_put: Flags
    strikes: Floats

    @property
    def settlement(self) -> Settlement:
        return Settlement.CASH if self.style is ExerciseStyle.EUROPEAN else Settlement.PHYSICAL


def read_lean_option_days(
    file: str, content: bytes, calendar: ExchangeCalendar
) -> tuple[tuple[RecordedChain, ...], tuple[Defect, ...]]:
    """Return one chain per day of an archive of daily figures, at its close. Raises FileRefused.

    What the archive does not hold is NaN; the price of the underlying is never in it.
    """
    members = members_of(file, content)
    named = _named(file, members)
    contracts = _contracts(file, [member for _, member in named])
    rows = member_rows(
        file, [members[place] for place, _ in named], _WIDTHS[contracts.kind], first_is_date=True
    )
    found = rows.found
    of_contract = np.repeat(np.arange(len(named)), np.diff(rows.starts))
    days, is_kept = _days(found, rows.cells[:, 0], calendar)
    is_repeat = repeated(of_contract, days.astype(np.int64)) & is_kept
    reason = "the day stands already in a row before"
    found.note(is_repeat, "date", reason, Effect.ROW_REFUSED)
    is_kept &= ~is_repeat
    reason = "the contract had expired before that day"
    is_over = is_kept & (days > contracts.expiries[of_contract])
    found.note(is_over, "date", reason, Effect.ROW_REFUSED)
    is_kept &= ~is_over
    figures, is_sound = _figures(found, rows.cells[:, 1:], contracts.kind, is_kept)
    is_kept &= is_sound
    found.keep(is_kept)
    chosen = {name: column[is_kept] for name, column in figures.items()}
    of_contract, days = of_contract[is_kept], days[is_kept]
    sessions, counts = np.unique(days, return_counts=True)
    is_thin = counts < len(named) / 4
    if is_thin.any():
        thin, few, most = sessions[is_thin], counts[is_thin].min(), counts[is_thin].max()
        when = f"{thin[0]}" if len(thin) == 1 else f"{len(thin)} days, {thin[0]} to {thin[-1]},"
        held = f"{few:,}" if few == most else f"{few:,} to {most:,}"
        found.tell("date", f"on {when} only {held} of its {len(named):,} contracts have figures")
    chains = [
        _chain_of_day(file, contracts, day, calendar, of_contract[days == day],
                      {name: column[days == day] for name, column in chosen.items()})
        for day in sessions
    ]  # fmt: skip
    return tuple(chains), tuple(found.defects)


def read_lean_option_minutes(
    file: str, content: bytes, calendar: ExchangeCalendar
) -> tuple[MinuteChain, tuple[Defect, ...]]:
    """Return the minutes of one day's archive of quotes, trades or open interest.

    Raises FileRefused. Bars count from the moment they were complete; those after the close are
    left out, but for the quarter of an hour an index option trades on.
    """
    members = members_of(file, content)
    named = _named(file, members)
    contracts = _contracts(file, [member for _, member in named])
    days = {member.day for _, member in named}
    day = named[0][1].day
    if day is None or len(days) != 1:
        raise FileRefused(file, "its files are not all about one day")
    if not calendar.first <= day <= calendar.last or not calendar.is_session(day):
        raise FileRefused(file, f"the exchange was closed on {day}")
    session = calendar.session(day)
    rows = member_rows(file, [members[place] for place, _ in named], _WIDTHS[contracts.kind])
    found = rows.found
    instants, is_kept = instants_of(found, rows.cells[:, 0], day, _MINUTE)
    ascends = rows_ascend(rows.starts, instants)
    reason = "the minute does not come after the one before it"
    found.note(is_kept & ~ascends, "time", reason, Effect.ROW_REFUSED)
    is_kept &= ascends
    after = _INDEX_SECONDS_AFTER_CLOSE if contracts.style is ExerciseStyle.EUROPEAN else 0
    is_late = is_kept & (instants > session.closes_at.timestamp() + after)
    if contracts.kind != "openinterest":
        reason = f"the minute ends after the close at {session.closes_at:%H:%M} UTC"
        found.note(is_late, "time", reason, Effect.VALUE_IGNORED)
        is_kept &= ~is_late
    figures, is_sound = _figures(found, rows.cells[:, 1:], contracts.kind, is_kept)
    is_kept &= is_sound
    found.keep(is_kept)
    starts = np.concatenate(([0], np.cumsum(is_kept)))[rows.starts]
    kept = {name: column[is_kept] for name, column in figures.items()}
    return _minutes(file, contracts, session.date, starts, instants[is_kept], kept), tuple(
        found.defects
    )


def _named(file: str, members: tuple[tuple[str, bytes], ...]) -> list[tuple[int, ContractMember]]:
    named: list[tuple[int, ContractMember]] = []
    for place, (name, _) in enumerate(members):
        member = contract_member(name)
        if member is None and len(members) == 1:
            member = contract_member(file.rsplit("/", 1)[-1])
        if member is None:
            reason = f"`{name[:80]}` in it is not named as a contract's file is"
            raise FileRefused(file, reason)
        named.append((place, member))
    return named


def _contracts(file: str, members: list[ContractMember]) -> _Contracts:
    kinds = {(member.symbol, member.kind, member.style) for member in members}
    if len(kinds) != 1:
        raise FileRefused(file, "its files are of several symbols or kinds")
    first = members[0]
    contracts = _Contracts(
        symbol=INDEX_OF_ROOT.get(first.symbol, first.symbol),
        root=first.symbol if first.symbol in INDEX_OF_ROOT else "",
        kind=first.kind,
        style=first.style,
        expiries=np.array([member.expiry for member in members], dtype="datetime64[D]"),
        is_put=np.array([member.is_put for member in members]),
        strikes=np.array([member.strike for member in members]),
    )
    places = contracts.expiries.astype(np.int64), np.rint(contracts.strikes * PRICE_SCALE)
    if repeated(places[0], places[1].astype(np.int64), contracts.is_put.astype(np.int64)).any():
        raise FileRefused(file, "it holds two files of one contract")
    return contracts


def _days(found: Findings, cells: Floats, calendar: ExchangeCalendar) -> tuple[Dates, Flags]:
    """Return the days of numbers such as 20140606, and which rows have a session's day."""
    is_number = (cells >= 19000101) & (cells < 22000101) & (cells == np.floor(cells))
    whole = np.where(is_number, cells, 19700101).astype(np.int64)
    months = (whole // 10_000 - 1970) * 12 + whole // 100 % 100 - 1
    of_month = whole % 100
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    days: Dates = first + (of_month - 1).astype("timedelta64[D]")
    is_day = is_number & (days.astype("datetime64[M]").astype(np.int64) == months)
    is_day &= (of_month > 0) & (whole // 100 % 100 - 1 < 12)
    found.note(~is_day, "date", "the first cell is not a date (20130131 00:00 is)",
               Effect.ROW_REFUSED)  # fmt: skip
    is_session = np.isin(days, calendar.session_dates)
    reason = "the exchange was closed on that day"
    found.note(is_day & ~is_session, "date", reason, Effect.ROW_REFUSED)
    return days, is_day & is_session


def _figures(
    found: Findings, cells: Floats, kind: str, is_asked: Flags
) -> tuple[dict[str, Floats], Flags]:
    """Return the figures of a kind by name, and which rows can be used."""
    if kind == "openinterest":
        return {"interests": cells[:, 0]}, _counted(found, "open interest", cells[:, 0], is_asked)
    if kind == "trade":
        prices = cells[:, :4] / PRICE_SCALE
        is_price = ((prices > 0.0) & (prices < PRICE_MAX)).all(axis=1)
        reason = "one of the four prices is missing or not above zero"
        found.note(is_asked & ~is_price, "last", reason, Effect.ROW_REFUSED)
        is_sound = is_price & _counted(found, "volume", cells[:, 4], is_asked & is_price)
        return {"lasts": prices[:, 3], "volumes": cells[:, 4]}, is_sound
    bids, asks = cells[:, 3] / PRICE_SCALE, cells[:, 8] / PRICE_SCALE
    is_sound = (np.isnan(bids) | ((bids >= 0.0) & (bids < PRICE_MAX))) & (
        np.isnan(asks) | ((asks >= 0.0) & (asks < PRICE_MAX))
    )
    found.note(is_asked & ~is_sound, "bid, ask", "the bid or the ask is no price",
               Effect.ROW_REFUSED)  # fmt: skip
    is_used = is_asked & is_sound
    reason = "the quote is crossed; it cannot be traded"
    found.note(is_used & (bids > asks), "bid, ask", reason, Effect.NOTED)
    reason = "the quote is locked; it cannot be traded"
    found.note(is_used & (bids == asks) & (bids > 0.0), "bid, ask", reason, Effect.NOTED)
    sizes = {"bid_sizes": cells[:, 4], "ask_sizes": cells[:, 9]}
    return {"bids": bids, "asks": asks, **sizes}, is_sound


def _counted(found: Findings, name: str, values: Floats, is_asked: Flags) -> Flags:
    is_count = values >= 0.0
    found.note(is_asked & ~is_count, name, f"the {name} is no count", Effect.ROW_REFUSED)
    return np.asarray(is_count)


def _chain_of_day(
    file: str,
    contracts: _Contracts,
    day: np.datetime64,
    calendar: ExchangeCalendar,
    of_contract: Numbers,
    figures: dict[str, Floats],
) -> RecordedChain:
    absent = np.full(len(of_contract), math.nan)
    return RecordedChain(
        underlying=contracts.symbol,
        taken_at=calendar.session(day.astype(object)).closes_at,
        underlying_price=math.nan,
        expiries=contracts.expiries[of_contract],
        is_put=contracts.is_put[of_contract],
        strikes=contracts.strikes[of_contract],
        bids=figures.get("bids", absent),
        asks=figures.get("asks", absent),
        lasts=figures.get("lasts", absent),
        volumes=figures.get("volumes", absent),
        open_interests=figures.get("interests", absent),
        implied_volatilities=absent,
        has_standard_deliverable=np.ones(len(of_contract), dtype=np.bool_),
        origin=file,
        exercise=contracts.style,
        settlement=contracts.settlement,
        roots=np.full(len(of_contract), contracts.root) if contracts.root else None,
    )


def _minutes(
    file: str,
    contracts: _Contracts,
    day: date,
    starts: Numbers,
    instants: Numbers,
    figures: dict[str, Floats],
) -> MinuteChain:
    count, nothing = len(contracts.strikes), np.empty(0)
    none_of_it = np.zeros(count + 1, dtype=np.int64), np.empty(0, dtype=np.int64)
    interests = np.full(count, math.nan)
    if contracts.kind == "openinterest":
        has_one = starts[1:] > starts[:-1]
        interests[has_one] = figures["interests"][starts[:-1][has_one]]
    quotes = (starts, instants) if contracts.kind == "quote" else none_of_it
    trades = (starts, instants) if contracts.kind == "trade" else none_of_it
    return MinuteChain(
        underlying=contracts.symbol,
        day=day,
        exercise=contracts.style,
        settlement=contracts.settlement,
        expiries=contracts.expiries,
        is_put=contracts.is_put,
        strikes=contracts.strikes,
        open_interests=interests,
        quote_starts=quotes[0],
        quoted_at=quotes[1],
        bids=figures.get("bids", nothing),
        asks=figures.get("asks", nothing),
        bid_sizes=figures.get("bid_sizes", nothing),
        ask_sizes=figures.get("ask_sizes", nothing),
        trade_starts=trades[0],
        traded_at=trades[1],
        lasts=figures.get("lasts", nothing),
        volumes=figures.get("volumes", nothing),
        origin=file,
        root=contracts.root,
    )
