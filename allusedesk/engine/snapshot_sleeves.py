"""Every sleeve and family for the eye: money, surplus, forks, ladders of cash, what stops it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import Account, AccountId, FamilyId
from allusedesk.domain.events import SleeveState
from allusedesk.domain.instruments import Instrument
from allusedesk.domain.money import NOTHING, Money
from allusedesk.domain.quotes import Quote
from allusedesk.engine.sleeve_sizes import is_too_small, size_of_sleeve
from allusedesk.engine.sleeve_views import cash_buffer, cash_free, fee_per_contract, freezes_of
from allusedesk.engine.state import DeskState
from allusedesk.portfolio.cash_ladder import LadderStep, cash_ladder
from allusedesk.portfolio.valuation import AccountValue, value_book
from allusedesk.protocol.forking import fork_rule
from allusedesk.protocol.views import Freeze

QuoteOf = Callable[[Instrument], Quote | None]


@dataclass(frozen=True, slots=True)
class SleevePicture:
    """One sleeve's money and standing; `freezes` say why nothing new is entered.

    `cash_free` is settled cash that no short put holds; `drawdown` a fraction of `high`.
    `surplus` is what lies above base once tax is set aside, `fork_at` the surplus that forks (None
    where it never does). `buffer` is the cash it keeps aside of `buffer_share` of its equity.
    `arriving` is cash by the day it settles, `held` cash that secures puts by their expiry.
    `size_needed` says what it would take to trade at all; empty where it is large enough.
    """

    account: Account
    state: SleeveState
    base: Money
    equity: Money
    cash_settled: Money
    cash_pending: tuple[tuple[date, Money], ...]
    collateral: Money
    cash_free: Money
    unrealised: Money
    high: Money
    drawdown: Decimal
    freezes: tuple[str, ...]
    is_calls_only: bool
    symbols: tuple[str, ...]
    tax_reserve: Money
    surplus: Money = NOTHING
    fork_at: Money | None = None
    buffer: Money = NOTHING
    buffer_share: Decimal = Decimal(0)
    arriving: tuple[LadderStep, ...] = ()
    held: tuple[LadderStep, ...] = ()
    size_needed: str = ""
    can_pay_out: bool = True


@dataclass(frozen=True, slots=True)
class FamilyPicture:
    """One family; `parent` is the family it was forked from, `merging_into` where it comes home.

    `merge_at` is the total at which a fork comes home, None where it never does.
    """

    id: FamilyId
    parent: FamilyId | None
    opened_on: date
    is_mini: bool
    merging_into: AccountId | None
    equity: Money
    merge_at: Money | None


def sleeve_pictures_in_parts(
    state: DeskState, quoted: QuoteOf
) -> Generator[None, None, tuple[SleevePicture, ...]]:
    """Every sleeve by its id, at the marks `quoted` gives; pauses after each."""
    if state.rulebook is None:
        return ()
    values = value_book(state.book, quoted, quoted, fee_per_contract(state))
    pictures = []
    for name in sorted(state.sleeves):
        yield
        pictures.append(_sleeve(state, name, values.of(name)))
    return tuple(pictures)


def family_pictures(
    state: DeskState, sleeves: tuple[SleevePicture, ...]
) -> tuple[FamilyPicture, ...]:
    """Every family, each after the one it came from."""
    pictures = []
    for name in sorted(state.book.families, key=_by_number):
        family = state.book.families[name]
        worth = NOTHING
        for sleeve in sleeves:
            if sleeve.account.family == name:
                worth = worth + sleeve.equity
        least = state.rules.forking.merge_total_min
        is_mini, is_fork = name in state.minis, family.parent is not None
        merges = is_fork and not is_mini and least is not None
        pictures.append(
            FamilyPicture(
                name,
                family.parent,
                family.opened_on,
                is_mini,
                state.merging.get(name),
                worth,
                Money(least) if merges and least is not None else None,
            )
        )
    return tuple(pictures)


def _by_number(family: FamilyId) -> tuple[int, str]:
    return len(family), family


def _sleeve(state: DeskState, name: AccountId, value: AccountValue) -> SleevePicture:
    sleeve, pile = state.sleeves[name], state.book.cash[name]
    account = state.book.accounts[name]
    rules = state.rules
    fork = fork_rule(account.kind, rules)
    share = cash_buffer(state, sleeve)
    size = size_of_sleeve(state, account.kind, value.equity)
    ladder = cash_ladder(state.book, name, fee_per_contract(state), sleeve.tax_reserve)
    return SleevePicture(
        account=account,
        state=sleeve.state,
        base=sleeve.base,
        equity=value.equity,
        cash_settled=pile.settled,
        cash_pending=pile.pending,
        collateral=value.collateral,
        cash_free=cash_free(state, name),
        unrealised=value.unrealised,
        high=sleeve.high,
        drawdown=sleeve.drawdown,
        freezes=tuple(dict.fromkeys(_freeze(item) for item in freezes_of(state, sleeve))),
        is_calls_only=sleeve.is_calls_only,
        symbols=state.symbols_of(account.kind),
        tax_reserve=sleeve.tax_reserve,
        surplus=value.equity - sleeve.tax_reserve - sleeve.base,
        fork_at=Money(fork.surplus_min) if fork is not None else None,
        buffer=value.equity * share,
        buffer_share=share,
        arriving=ladder.arriving,
        held=ladder.held,
        size_needed=size.comparisons[0].limit if size is not None and is_too_small(size) else "",
        can_pay_out=rules.account(account.kind).withdrawals,
    )


def _freeze(freeze: Freeze) -> str:
    return f"{freeze.symbol}: {freeze.reason}" if freeze.symbol else freeze.reason
