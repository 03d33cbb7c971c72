"""What the end of cash-settled options does to the book: cash moves, shares do not."""

from __future__ import annotations

from datetime import date

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book, Booking, CashMove, LotChange, realised_by_closing
from allusedesk.domain.changing import replace
from allusedesk.domain.money import NOTHING, Money, notional
from allusedesk.domain.orders import OptionsSettled
from allusedesk.domain.positions import Position
from allusedesk.portfolio.accounting import BookMismatch


def book_settlement(book: Book, notice: OptionsSettled, today: date, settles_on: date) -> Booking:
    """Options leave at what they were worth, in one transaction; shorts pay, longs are paid.

    Where the notice takes all that is held every lot goes; where it takes part of the shorts the
    oldest go first, then by sleeve. What is paid leaves at once, what is received counts from
    `settles_on`. Raises BookMismatch where the book holds fewer.
    """
    lots = [lot for lot in book.all_positions() if lot.instrument == notice.contract]
    held = sum(lot.quantity_signed for lot in lots)
    if held != notice.quantity_signed:
        lots = [lot for lot in lots if lot.is_short == (notice.quantity_signed < 0)]
    ends = _taken(lots, None if held == notice.quantity_signed else abs(notice.quantity_signed))
    if ends is None or not notice.quantity_signed:
        message = (
            f"The broker settled {notice.quantity_signed} of {notice.contract}, but the book "
            f"holds {held}: nothing is booked. Compare the book with the broker's statement."
        )
        raise BookMismatch(message)
    changes: list[LotChange] = []
    cash: dict[AccountId, Money] = {}
    for lot, quantity in ends:
        left = lot.quantity - quantity
        after = replace(lot, quantity_signed=-left if lot.is_short else left) if left else None
        gain = realised_by_closing(lot, quantity, notice.per_share)
        changes.append(LotChange(lot, after, gain))
        sign = -1 if lot.is_short else 1
        paid = notional(notice.per_share, sign * quantity, notice.contract.multiplier)
        cash[lot.account] = cash.get(lot.account, NOTHING) + paid
    reason = f"cash settlement of {notice.contract}"
    moves = tuple(
        CashMove(account, cash[account], today if cash[account].amount < 0 else settles_on, reason)
        for account in sorted(cash)
        if cash[account]
    )
    return Booking(tuple(changes), moves)


def _taken(lots: list[Position], quantity: int | None) -> list[tuple[Position, int]] | None:
    """How much of each lot goes, all of it without a quantity; None where there is not enough."""
    left = sum(lot.quantity for lot in lots) if quantity is None else quantity
    taken: list[tuple[Position, int]] = []
    for lot in lots:
        part = min(left, lot.quantity)
        if part:
            taken.append((lot, part))
            left -= part
    return None if left else taken
