"""How the line to a source of quotes stands, and what its quotes are worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeedRefused(ConnectionError):
    """A feed that cannot be opened; one sentence: what happened, what it means, what to do."""


class QuoteQuality(StrEnum):
    """What the vendor sends: the market as it is, or something less."""

    UNKNOWN = "unknown"
    REAL_TIME = "real time"
    DELAYED = "delayed"
    INDICATIVE = "indicative"


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """How the line to a source of quotes stands; safe to read from any thread.

    `reason` is one plain sentence while the line is down or its quotes are refused. `quality` is
    that of option quotes where they differ from those of shares. `clock_offset_seconds` is the
    vendor's clock minus ours where the vendor tells its own.
    """

    is_up: bool
    reason: str
    quality: QuoteQuality = QuoteQuality.UNKNOWN
    clock_offset_seconds: float | None = None
