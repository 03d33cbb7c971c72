"""Losses that a replacement within 30 days defers (Internal Revenue Code section 1091).

What counts as substantially identical here, whatever sleeve or family it was bought in:

- for shares: the same share class, calls on it, and puts written on it that were in the money
  (Revenue Ruling 85-87 names those sure to be exercised; all are counted, the cautious reading).
  Alphabet's GOOG and GOOGL are two classes with different rights, so neither replaces the other;
- for an option: the very same series on the same side; another strike or expiry is another
  contract, which the law leaves open. Shares do not replace an option (Revenue Ruling 58-384);
- for options under section 1256: nothing (1256(f)(5)).

A part of one purchase does not replace another part of it (Revenue Ruling 56-602), and only what is
still held when the loss is taken, or bought later, replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from allusedesk.domain.instruments import Instrument, OptionContract, Right, Stock
from allusedesk.domain.money import Money, Price
from allusedesk.portfolio.holding_periods import is_section_1256
from allusedesk.portfolio.tax_trades import part_of

WASH_DAYS = 30


@dataclass(frozen=True, slots=True)
class OpenLoss:
    """A loss not replaced in full yet: `shares` of it with `loss` (above zero) are left.

    `closing` is the number of the closing that took it, `held_from` when its holding began.
    """

    closing: int
    batch: int
    instrument: Instrument
    is_short: bool
    closed_on: date
    held_from: date | None
    shares: int
    loss: Money

    def is_over(self, today: date) -> bool:
        """Whether nothing bought today can replace it any more."""
        return not self.shares or today > self.closed_on + timedelta(days=WASH_DAYS)

    def replaced_by(self, shares: int) -> tuple[Money, OpenLoss]:
        """The loss that so many shares defer, and what is left of it."""
        deferred = part_of(self.loss, shares, self.shares)
        left = OpenLoss(
            self.closing,
            self.batch,
            self.instrument,
            self.is_short,
            self.closed_on,
            self.held_from,
            self.shares - shares,
            self.loss - deferred,
        )
        return deferred, left


def is_replacement(
    loss: OpenLoss,
    bought: Instrument,
    bought_on: date,
    spot: Price | None,
    *,
    is_short: bool,
) -> bool:
    """Whether something bought (or, `is_short`, written) on a day replaces what was lost on."""
    if abs((bought_on - loss.closed_on).days) > WASH_DAYS or is_section_1256(bought):
        return False
    if isinstance(loss.instrument, OptionContract):
        return bought == loss.instrument and is_short == loss.is_short
    if isinstance(bought, Stock) or bought.underlying != loss.instrument.symbol:
        return bought == loss.instrument and not is_short
    if bought.right is Right.CALL:
        return not is_short
    return is_short and spot is not None and bought.strike > spot.per_unit
