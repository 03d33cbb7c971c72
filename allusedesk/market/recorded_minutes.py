"""A session played from recorded trades and quotes of a share, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allusedesk.market.session_path import SessionPath

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from allusedesk.domain.weeks import Session
    from allusedesk.market.intraday import ShareQuotes, ShareTrades

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class RecordedPath:
    """A path of recorded prices, and the sides that stood at its points (NaN: none recorded)."""

    path: SessionPath
    bids: Floats
    asks: Floats


def recorded_path(
    trades: ShareTrades, quotes: ShareQuotes | None, session: Session
) -> RecordedPath | None:
    """Return the session minute by minute: each point shows the last trade complete by then.

    The first point is the opening trade, or the last one before the open where the first minute
    saw none. None where there is neither: nothing is invented for the session.
    """
    opens_at = int(session.opens_at.timestamp())
    minutes = (int(session.closes_at.timestamp()) - opens_at) // _MINUTE
    instants = opens_at + _MINUTE * np.arange(minutes + 1)
    within = trades.in_session(session)
    if not len(within):
        return None
    if int(within.ends_at[0]) <= opens_at + _MINUTE:
        opened = float(within.open[0])
    else:
        before = int(np.searchsorted(trades.ends_at, opens_at, side="right")) - 1
        if before < 0:
            return None
        opened = float(trades.close[before])
    places = np.searchsorted(within.ends_at, instants, side="right") - 1
    prices = np.where(places >= 0, within.close[np.maximum(places, 0)], opened)
    traded = np.concatenate(([0.0], np.cumsum(within.volumes)))[places + 1]
    path = SessionPath(
        prices=prices,
        volumes=np.diff(traded, prepend=0.0).astype(np.int64),
        is_modelled=False,
        minutes_per_point=1,
    )
    bids, asks = _sides(quotes, session, instants)
    return RecordedPath(path, bids, asks)


def _sides(
    quotes: ShareQuotes | None, session: Session, instants: Numbers
) -> tuple[Floats, Floats]:
    absent = np.full(len(instants), np.nan)
    within = quotes.in_session(session) if quotes is not None else None
    if within is None or not len(within):
        return absent, absent
    places = np.searchsorted(within.ends_at, instants, side="right") - 1
    rows = np.maximum(places, 0)
    is_two_sided = (places >= 0) & (within.bids[rows] <= within.asks[rows])
    return (
        np.where(is_two_sided, within.bids[rows], np.nan),
        np.where(is_two_sided, within.asks[rows], np.nan),
    )
