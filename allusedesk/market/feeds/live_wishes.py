"""What the engine asked a live feed for lately, and so what the door keeps fresh."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.quotes import ChainWish
from allusedesk.market.recorded_sessions import exchange_date

# Whoever will look again renews a wish; a screen that was closed must not take lines for long.
WISH_MINUTES = 15
# Strikes farther out have a delta no look would show: so many standard deviations of one and a
# half times the realised volatility, at least a tenth of the price.
_DEVIATIONS, _OVER_REALISED, _BAND_MIN = 2.5, 1.5, 0.1
_VOLATILITY_MIN, _VOLATILITY_UNKNOWN = 0.3, 0.8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be kept fresh: shares and indexes, parts of chains, single contracts."""

    symbols: tuple[str, ...]
    wishes: tuple[ChainWish, ...]
    contracts: tuple[OptionContract, ...]


class LiveWishes:
    """Wishes and contracts with the instant each was last asked for; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wishes: dict[ChainWish, datetime] = {}
        self._contracts: dict[OptionContract, datetime] = {}

    def add(
        self, wishes: Iterable[ChainWish], contracts: Iterable[OptionContract], at: datetime
    ) -> bool:
        """Remember what is asked for at an instant; True where something of it is new."""
        with self._lock:
            before = len(self._wishes) + len(self._contracts)
            self._wishes.update(dict.fromkeys(wishes, at))
            self._contracts.update(dict.fromkeys(contracts, at))
            return len(self._wishes) + len(self._contracts) > before

    def current(self, at: datetime) -> tuple[tuple[ChainWish, ...], tuple[OptionContract, ...]]:
        """Return what was asked for in the last quarter of an hour and has not ended."""
        oldest, today = at - timedelta(minutes=WISH_MINUTES), exchange_date(at)
        with self._lock:
            self._wishes = {wish: asked for wish, asked in self._wishes.items() if asked >= oldest}
            self._contracts = {
                contract: asked
                for contract, asked in self._contracts.items()
                if asked >= oldest and contract.expiry >= today
            }
            return tuple(self._wishes), tuple(self._contracts)


def strikes_within_reach(spot: float, volatility: float | None, days: int) -> tuple[float, float]:
    """Return the lowest and the highest strike worth asking for, in whole cents.

    `volatility` is the realised one a year, None where unknown.
    """
    known = _VOLATILITY_UNKNOWN if volatility is None else volatility * _OVER_REALISED
    deviation = max(known, _VOLATILITY_MIN) * math.sqrt(max(days, 1) / 365.0)
    band = max(_DEVIATIONS * deviation, _BAND_MIN)
    return round(spot * math.exp(-band), 2), round(spot * math.exp(band), 2)
