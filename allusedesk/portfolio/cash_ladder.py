"""A sleeve's cash by when it can be used: settled, arriving, held, put aside, free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book
from allusedesk.domain.collateral import held_by_lots
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import Position


@dataclass(frozen=True, slots=True)
class LadderStep:
    """An amount and its day: that of settlement, or the expiry until which it is held."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class CashLadder:
    """What is settled, what arrives when, and what of the settled part is spoken for.

    `held` is the cash that secures short puts, by expiry; `free` is what is settled less that and
    less the tax reserve, which never counts. A negative `free` says how much is missing.
    """

    account: AccountId
    settled: Money
    arriving: tuple[LadderStep, ...]
    held: tuple[LadderStep, ...]
    tax_reserve: Money
    free: Money


def cash_ladder(
    book: Book, account: AccountId, fee_per_contract: Money, tax_reserve: Money
) -> CashLadder:
    """The ladder of one sleeve; raises KeyError for a sleeve the book does not have."""
    pile = book.cash[account]
    held: dict[date, Money] = {}
    orders: dict[str, list[Position]] = {}
    lots_held = book.positions_of(account)
    protected = {lot.opened_by for lot in lots_held if lot.option is not None and not lot.is_short}
    for lot in lots_held:
        # What nothing protects is held until its own end.
        name = lot.opened_by if lot.opened_by in protected else f"{lot.opened_by}/{lot.id}"
        orders.setdefault(name, []).append(lot)
    for lots in orders.values():
        ends = [lot.option.expiry for lot in lots if lot.is_short and lot.option is not None]
        secured = held_by_lots(lots, fee_per_contract).cash
        if ends and secured:
            held[min(ends)] = held.get(min(ends), NOTHING) + secured
    arriving: dict[date, Money] = {}
    for day, amount in pile.pending:
        arriving[day] = arriving.get(day, NOTHING) + amount
    return CashLadder(
        account=account,
        settled=pile.settled,
        arriving=_steps(arriving),
        held=_steps(held),
        tax_reserve=tax_reserve,
        free=pile.settled - total(list(held.values())) - tax_reserve,
    )


def _steps(by_day: dict[date, Money]) -> tuple[LadderStep, ...]:
    return tuple(LadderStep(day, by_day[day]) for day in sorted(by_day))
