"""How long something was held, and which calls and collars disturb the counting.

Facts of law, none of it the protocol's: Internal Revenue Code sections 1092, 1222, 1223, 1233,
1256 and 1259, Treasury Regulation 1.1092(b)-2T, IRS Publication 550. Estimates, ask your adviser.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from allusedesk.domain.instruments import Instrument, OptionContract
from allusedesk.domain.money import Price

# A qualified covered call had more days than this to run when it was written (1092(c)(4)(B)).
QUALIFIED_DAYS_ABOVE = 30
# The law leaves both to regulations never written (1259(c)(1)(E)); these are the bounds that
# practitioners stay outside of, so what lies within them is flagged.
DEEP_CALL_SHARE = Decimal("0.80")
COLLAR_WIDTH_MIN = Decimal("0.20")


class Term(Enum):
    """How a gain is taxed: short, long, or 60% long and 40% short under section 1256."""

    SHORT = "short"
    LONG = "long"
    SECTION_1256 = "section 1256"


def is_section_1256(instrument: Instrument) -> bool:
    """True for index options, which are marked at year end and stand outside wash sales."""
    return isinstance(instrument, OptionContract) and instrument.is_section_1256


def is_long_term(held_from: date | None, sold_on: date) -> bool:
    """More than one year, the day of purchase not counted and the day of sale counted (1222).

    What was bought on the last day of a month is held a year at the first of the thirteenth month
    after (Revenue Ruling 66-7). None stands for a holding period that was stopped.
    """
    if held_from is None:
        return False
    begins = held_from + timedelta(days=1)
    if (begins.month, begins.day) == (2, 29):
        return sold_on >= date(begins.year + 1, 3, 1)
    return sold_on >= begins.replace(year=begins.year + 1)


def tacked(held_from: date | None, sold_from: date | None, sold_on: date) -> date | None:
    """A replacement's holding period with that of what was sold at a loss added (1223(3))."""
    if held_from is None or sold_from is None:
        return held_from
    return held_from - (sold_on - sold_from)


def is_qualified(call: OptionContract, written_on: date, spot: Price | None) -> bool:
    """Whether a covered call leaves the shares' holding period alone (1092(c)(4)).

    One of 30 days or less never does. One in the money when written may still qualify down to the
    lowest qualified benchmark, which needs the strikes listed that day: taken as not qualified,
    the cautious reading, and so is one whose spot was not recorded.
    """
    if (call.expiry - written_on).days <= QUALIFIED_DAYS_ABOVE or spot is None:
        return False
    return call.strike >= spot.per_unit


@dataclass(frozen=True, slots=True)
class Collar:
    """A call written and a put held on shares that have gained; either may be missing."""

    call: OptionContract | None
    put: OptionContract | None
    spot: Price


def may_be_constructive_sale(collar: Collar) -> bool:
    """Whether options leave so little of gained shares' rise and fall that they count as sold.

    A call written more than 20% in the money, or a collar less than 20% of spot wide (1259).
    """
    spot = collar.spot.per_unit
    if collar.call is None:
        return False
    if collar.call.strike < spot * DEEP_CALL_SHARE:
        return True
    put = collar.put
    return put is not None and collar.call.strike - put.strike < spot * COLLAR_WIDTH_MIN
