"""Every sleeve and family for the eye: money, surplus, forks, ladders of cash, what stops it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import Account, AccountId, FamilyId
from allusedesk.domain.events import SleeveState
from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.engine.sleeve_sizes import is_too_small, size_of_sleeve
from allusedesk.engine.sleeve_views import cash_buffer, cash_free, fee_per_contract, freezes_of
from allusedesk.engine.snapshot_lots import HeldLot
from allusedesk.engine.state import DeskState
from allusedesk.portfolio.cash_ladder import LadderStep, cash_ladder
from allusedesk.protocol.forking import fork_rule
from allusedesk.protocol.views import Freeze


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


_Settled = tuple[tuple[LadderStep, ...], tuple[LadderStep, ...], Money]


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a sleeve's lots and cash come to now."""

    equity: Money
    unrealised: Money
    collateral: Money


def sleeve_pictures_in_parts(
    state: DeskState, lots: tuple[HeldLot, ...], same: tuple[SleevePicture, ...] = ()
) -> Generator[None, None, tuple[SleevePicture, ...]]:
    """Every sleeve by its id, its figures the sums of its lots as they are shown.

    `same` are the sleeves of an earlier picture of this very state: what does not follow quotes
    is theirs. Pauses now and then, as `held_lots_in_parts` does.
    """
    if state.rulebook is None:
        return ()
    known = {one.account.id: one for one in same}
    pictures = []
    for name in sorted(state.sleeves):
        yield
        own = [held for held in lots if held.lot.account == name]
        worth = _Worth(
            state.book.cash[name].whole + total([held.value for held in own]),
            total([held.unrealised for held in own]),
            total([held.collateral for held in own]),
        )
        yield
        if name in known:
            settled = known[name].arriving, known[name].held, known[name].cash_free
        else:
            reserve = state.sleeves[name].tax_reserve
            ladder = cash_ladder(state.book, name, fee_per_contract(state), reserve)
            yield
            settled = ladder.arriving, ladder.held, cash_free(state, name)
            yield
        pictures.append(_sleeve(state, name, worth, settled))
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


def _sleeve(state: DeskState, name: AccountId, value: _Worth, settled: _Settled) -> SleevePicture:
    sleeve, pile = state.sleeves[name], state.book.cash[name]
    account = state.book.accounts[name]
    rules = state.rules
    fork = fork_rule(account.kind, rules)
    share = cash_buffer(state, sleeve)
    size = size_of_sleeve(state, account.kind, value.equity)
    arriving, held, free = settled
    return SleevePicture(
        account=account,
        state=sleeve.state,
        base=sleeve.base,
        equity=value.equity,
        cash_settled=pile.settled,
        cash_pending=pile.pending,
        collateral=value.collateral,
        cash_free=free,
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
        arriving=arriving,
        held=held,
        size_needed=size.comparisons[0].limit if size is not None and is_too_small(size) else "",
        can_pay_out=rules.account(account.kind).withdrawals,
    )


def _freeze(freeze: Freeze) -> str:
    return f"{freeze.symbol}: {freeze.reason}" if freeze.symbol else freeze.reason
