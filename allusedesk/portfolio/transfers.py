"""Money that comes in, goes out or moves between sleeves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book, Booking, CashMove
from allusedesk.domain.money import Money, total
from allusedesk.portfolio.accounting import BookMismatch


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money for one sleeve; negative where the sleeve pays it."""

    account: AccountId
    amount: Money


def book_transfer(book: Book, transfers: Sequence[Transfer], today: date, reason: str) -> Booking:
    """A deposit, a withdrawal, a fork's surplus or a merged fork's cash, usable at once.

    Where some pay and others receive, the parts must sum to nothing. Only settled cash can be
    paid. Raises BookMismatch where that does not hold or a sleeve is not there.
    """
    unknown = [item.account for item in transfers if item.account not in book.accounts]
    if unknown:
        message = f"There is no sleeve {unknown[0]}, so nothing is moved for {reason}."
        raise BookMismatch(message)
    paying = [item.amount for item in transfers if item.amount.amount < 0]
    whole = total([item.amount for item in transfers])
    if paying and len(paying) < len(transfers) and whole:
        message = f"A move between sleeves for {reason} leaves {whole} over: nothing is moved."
        raise BookMismatch(message)
    for account in dict.fromkeys(item.account for item in transfers):
        moved = total([item.amount for item in transfers if item.account == account])
        settled = book.cash[account].settled
        if moved.amount < 0 and settled < -moved:
            message = (
                f"{account} should pay {-moved} for {reason}, but only {settled} is settled: "
                "nothing is moved. Wait for settlement, or move less."
            )
            raise BookMismatch(message)
    return Booking(
        (),
        tuple(
            CashMove(item.account, item.amount, today, reason) for item in transfers if item.amount
        ),
    )
