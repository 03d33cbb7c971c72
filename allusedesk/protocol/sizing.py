"""Whole lots: how many contracts a sleeve may write with the money it has (section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.money import CENT, Money, notional, total
from allusedesk.domain.proposals import TurnedDown
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, compared, written
from allusedesk.protocol.views import SleeveView

TOO_SMALL, LARGE_ENOUGH = "too small", "large enough"


@dataclass(frozen=True, slots=True)
class LotPrice:
    """What one lot of a symbol ties up, fees included, and the room its issuer has left."""

    symbol: str
    cost: Money
    issuer_room: Money | None = None


@dataclass(frozen=True, slots=True)
class Funds:
    """A sleeve's money: `room` may be tied up now, `deploy` is its part of `equity`."""

    equity: Money
    room: Money
    deploy: Decimal


@dataclass(frozen=True, slots=True)
class Allotment:
    """Whole lots of one symbol, and the notional they were rounded down from."""

    symbol: str
    lots: int
    target: Money


@dataclass(frozen=True, slots=True)
class Sizing:
    """The lots of every symbol that gets one, and why the others get none."""

    allotments: tuple[Allotment, ...]
    turned_down: tuple[TurnedDown, ...]

    def lots_of(self, symbol: str) -> int:
        return next((item.lots for item in self.allotments if item.symbol == symbol), 0)


def funds_of(view: SleeveView, deploy: Decimal, rulebook: Rulebook) -> Funds:
    """What of a sleeve may be tied up now: its deployment less all that is not free any more."""
    buffer = max(view.cash_buffer, rulebook.account(view.kind).cash_buffer)
    allowed = min(deploy, 1 - buffer) * view.size_factor
    kept_back = view.equity * (1 - allowed)
    # Cash holds the premium of what is still open, which equity does not: so both bind.
    undeployed = view.equity * allowed - _deployed(view)
    return Funds(view.equity, min(view.cash_free - kept_back, view.cash_free, undeployed), allowed)


def _deployed(view: SleeveView) -> Money:
    """What a sleeve's puts hold and what its shares cost."""
    shares = [
        notional(lot.price_average, lot.quantity_signed) for lot in view.lots if lot.is_shares
    ]
    return total([*(lot.assignment_cost() for lot in view.lots), *shares])


def allot_lots(
    prices: Sequence[LotPrice], funds: Funds, symbol_cap: Decimal | None, rulebook: Rulebook
) -> Sizing:
    """Divide the room over the symbols, drop the dearest that cannot have a lot, divide again.

    Dropping one at a time keeps a symbol that fits once a dearer one is gone; its money goes to
    the others. Nothing is ever allotted above the cap, the issuer's room or the sleeve's room.
    """
    turned_down: list[TurnedDown] = []
    eligible = []
    for price in prices:
        if price.issuer_room is not None and price.cost > price.issuer_room:
            turned_down.append(_over_issuer(price, price.issuer_room))
        else:
            eligible.append(price)
    while eligible:
        dearest = max(eligible, key=lambda price: (price.cost.amount, price.symbol))
        if dearest.cost * len(eligible) <= funds.room and (
            symbol_cap is None or dearest.cost <= funds.equity * symbol_cap
        ):
            break
        turned_down.append(_unaffordable(dearest, len(eligible), funds, symbol_cap))
        eligible.remove(dearest)
    allotments: list[Allotment] = []
    used: dict[str, Money] = {}
    for price in eligible:
        issuer = rulebook.issuer_of(price.symbol)
        already = used.get(issuer, Money(Decimal(0)))
        target = _target(price, len(eligible), funds, symbol_cap, already)
        lots = int(target.amount // price.cost.amount)
        if lots < 1:
            turned_down.append(_over_issuer(price, target))
            continue
        used[issuer] = already + price.cost * lots
        allotments.append(Allotment(price.symbol, lots, target))
    return Sizing(tuple(allotments), tuple(turned_down))


def sleeve_too_small(
    kind: AccountKind, equity: Money, prices: Sequence[LotPrice], rulebook: Rulebook
) -> Verdict:
    """`too small` where a sleeve of this size could afford no lot of any of its symbols."""
    rules = rulebook.account(kind)
    most = rulebook.condition.standard if rulebook.condition is not None else Decimal(1)
    if rules.deploy_high is not None:
        most = rules.deploy_high
    deploy = min(most, 1 - rules.cash_buffer)
    funds = Funds(equity, equity * deploy, deploy)
    sizing = allot_lots(prices, funds, rules.symbol_cap, rulebook)
    share = deploy if rules.symbol_cap is None else min(deploy, rules.symbol_cap)
    needed = min((_sleeve_for(price.cost, 1, share) for price in prices), default=equity)
    passed = bool(sizing.allotments)
    against = compared("sleeve", equity.amount, f"at least {written(needed.amount)}", passed=passed)
    return Verdict(LARGE_ENOUGH if passed else TOO_SMALL, "sleeve.too_small", (against,))


def _target(
    price: LotPrice, symbols: int, funds: Funds, symbol_cap: Decimal | None, used: Money
) -> Money:
    target = Money(funds.room.amount / symbols)
    if symbol_cap is not None:
        target = min(target, funds.equity * symbol_cap)
    if price.issuer_room is not None:
        target = min(target, price.issuer_room - used)
    return target


def _sleeve_for(cost: Money, symbols: int, share: Decimal) -> Money:
    """The smallest sleeve, to the cent, whose share divided by its symbols holds one lot."""
    return Money((cost.amount * symbols / share).quantize(CENT, ROUND_CEILING))


def _unaffordable(
    price: LotPrice, symbols: int, funds: Funds, symbol_cap: Decimal | None
) -> TurnedDown:
    value = f"a lot of {written(price.cost.amount)}"
    if symbol_cap is not None and price.cost > funds.equity * symbol_cap:
        needed = _sleeve_for(price.cost, 1, symbol_cap)
    elif funds.deploy > 0:
        needed = _sleeve_for(price.cost, symbols, funds.deploy)
    else:
        return TurnedDown(price.symbol, "deployment.none", "nothing may be deployed", value)
    limit = f"room {written(funds.room.amount)} for {symbols} symbols"
    if needed <= funds.equity:
        # The sleeve is large enough; its money works elsewhere, or is not settled yet.
        return TurnedDown(price.symbol, "cash.committed", "the money is not free", value, limit)
    reason = f"one lot needs a sleeve of {written(needed.amount)}"
    return TurnedDown(price.symbol, "lot.unaffordable", reason, value, limit)


def _over_issuer(price: LotPrice, room: Money) -> TurnedDown:
    return TurnedDown(
        price.symbol,
        "issuer.cap",
        "the issuer's part of all families' equity is used",
        f"a lot of {written(price.cost.amount)}",
        f"room {written(room.amount)}",
    )
