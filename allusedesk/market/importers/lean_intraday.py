"""LEAN's minute and second bars of a share or an index: trades or quotes, extended hours too."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np

from allusedesk.market.calendar import NEW_YORK, ExchangeCalendar
from allusedesk.market.history import Defect, Effect, FileRefused, Flags, Floats
from allusedesk.market.importers.bar_rows import PRICE_MAX
from allusedesk.market.importers.compressed import members_of
from allusedesk.market.importers.lean_rows import (
    PRICE_SCALE,
    MemberRows,
    ShareMember,
    instants_of,
    member_rows,
    rows_ascend,
    share_member,
)
from allusedesk.market.importers.option_columns import INDEX_OF_ROOT, Findings, Numbers
from allusedesk.market.intraday import ShareQuotes, ShareTrades

_TRADE_CELLS, _QUOTE_CELLS = 6, 11
# LEAN keeps the minutes of an index on its exchange's clock, and its levels unscaled.
_CHICAGO = ZoneInfo("America/Chicago")
# No market maker who means it stands this far from the other side.
_STUB_DISTANCE = 0.1


def read_lean_intraday(
    file: str, content: bytes, calendar: ExchangeCalendar
) -> tuple[ShareTrades | ShareQuotes, tuple[Defect, ...]]:
    """Return the bars of one share, day and kind, and what is wrong. Raises FileRefused.

    Trade rows are `ms,open,high,low,close,volume`; quote rows have four prices and a size for the
    bid and as many for the ask. Stub quotes are taken out of a bar's range.
    """
    members = members_of(file, content)
    if len(members) != 1:
        reason = f"the zip archive holds {len(members)} files where one is expected"
        raise FileRefused(file, reason)
    member = share_member(members[0][0]) or share_member(file.rsplit("/", 1)[-1])
    if member is None:
        raise FileRefused(file, "its name does not say which share and day it is about")
    if not calendar.first <= member.day <= calendar.last or not calendar.is_session(member.day):
        raise FileRefused(file, f"the exchange was closed on {member.day}")
    rows = member_rows(file, members, _TRADE_CELLS if member.kind == "trade" else _QUOTE_CELLS)
    is_index = member.symbol in INDEX_OF_ROOT.values()
    ends_at, is_kept = instants_of(
        rows.found,
        rows.cells[:, 0],
        member.day,
        member.bar_seconds,
        _CHICAGO if is_index else NEW_YORK,
    )
    ascends = rows_ascend(np.array([0, len(ends_at)]), ends_at)
    reason = "the bar does not come after the one before it"
    rows.found.note(is_kept & ~ascends, "time", reason, Effect.ROW_REFUSED)
    is_kept &= ascends
    scale = 1.0 if is_index else PRICE_SCALE
    reader = _trades if member.kind == "trade" else _quotes
    value = reader(file, member, rows, ends_at, is_kept, scale)
    return value, tuple(rows.found.defects)


def _trades(
    file: str,
    member: ShareMember,
    rows: MemberRows,
    ends_at: Numbers,
    is_kept: Flags,
    scale: float,
) -> ShareTrades:
    found = rows.found
    prices = rows.cells[:, 1:5] / scale
    is_price = ((prices > 0.0) & (prices < PRICE_MAX)).all(axis=1)
    reason = "one of the four prices is missing or not above zero"
    found.note(is_kept & ~is_price, "open, high, low, close", reason, Effect.ROW_REFUSED)
    volumes = rows.cells[:, 5]
    is_counted = volumes >= 0.0
    reason = "the volume is no count of shares"
    found.note(is_kept & is_price & ~is_counted, "volume", reason, Effect.ROW_REFUSED)
    is_kept = is_kept & is_price & is_counted
    found.keep(is_kept)
    prices, volumes, ends_at = prices[is_kept], volumes[is_kept], ends_at[is_kept]
    widest, lowest = prices[:, (0, 1, 3)].max(axis=1), prices[:, (0, 2, 3)].min(axis=1)
    is_disordered = (widest > prices[:, 1]) | (lowest < prices[:, 2])
    reason = "the four prices are not in order; the range is widened to hold open and close"
    found.note(is_disordered, "high, low", reason, Effect.VALUE_IGNORED)
    is_far = lowest < widest * (1.0 - _STUB_DISTANCE)
    reason = "the bar's high and low lie more than a tenth apart"
    found.note(is_far, "high, low", reason, Effect.NOTED)
    return ShareTrades(
        symbol=member.symbol,
        day=member.day,
        bar_seconds=member.bar_seconds,
        ends_at=ends_at,
        open=prices[:, 0].copy(),
        high=widest,
        low=lowest,
        close=prices[:, 3].copy(),
        volumes=volumes,
        origin=file,
    )


def _quotes(
    file: str,
    member: ShareMember,
    rows: MemberRows,
    ends_at: Numbers,
    is_kept: Flags,
    scale: float,
) -> ShareQuotes:
    found = rows.found
    bids, asks = rows.cells[:, 4] / scale, rows.cells[:, 9] / scale
    is_absent = np.isnan(bids) & np.isnan(asks)
    is_price = (np.isnan(bids) | ((bids > 0.0) & (bids < PRICE_MAX))) & (
        np.isnan(asks) | ((asks > 0.0) & (asks < PRICE_MAX))
    )
    reason = "the bid or the ask is not above zero"
    found.note(is_kept & ~is_price, "bid, ask", reason, Effect.ROW_REFUSED)
    reason = "there is neither a bid nor an ask"
    found.note(is_kept & is_absent, "bid, ask", reason, Effect.ROW_REFUSED)
    is_kept = is_kept & is_price & ~is_absent
    found.keep(is_kept)
    cells = rows.cells[is_kept]
    bids, asks = bids[is_kept], asks[is_kept]
    bid_lows, ask_highs = _without_stubs(
        found, bids, asks, cells[:, 3] / scale, cells[:, 7] / scale
    )
    reason = "the quote is crossed; it cannot be traded"
    found.note(bids > asks, "bid, ask", reason, Effect.NOTED)
    return ShareQuotes(
        symbol=member.symbol,
        day=member.day,
        bar_seconds=member.bar_seconds,
        ends_at=ends_at[is_kept],
        bids=bids,
        asks=asks,
        bid_lows=bid_lows,
        ask_highs=ask_highs,
        bid_sizes=cells[:, 5].copy(),
        ask_sizes=cells[:, 10].copy(),
        origin=file,
    )


def _without_stubs(
    found: Findings, bids: Floats, asks: Floats, bid_lows: Floats, ask_highs: Floats
) -> tuple[Floats, Floats]:
    """Return the lowest bids and highest asks without those nobody meant."""
    is_low = bid_lows < np.fmax(bids, asks) * (1.0 - _STUB_DISTANCE)
    is_high = ask_highs > np.fmin(bids, asks) * (1.0 + _STUB_DISTANCE)
    reason = (
        "a side of the quote lies more than a tenth from the other: a stub, nobody's price; the "
        "bar's range leaves it out"
    )
    found.note(is_low | is_high, "bid, ask", reason, Effect.VALUE_IGNORED)
    is_wide = (bids < asks * (1.0 - _STUB_DISTANCE)) & ~(is_low | is_high)
    found.note(is_wide, "bid, ask", reason, Effect.VALUE_IGNORED)
    return np.where(is_low, bids, bid_lows), np.where(is_high, asks, ask_highs)
