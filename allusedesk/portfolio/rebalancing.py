"""Trades between what is held and what is wanted, each with its cost, its tax and its use.

What a trade is worth is the certainty it brings in a year: half the risk aversion times the
variance that a drift from the target adds, asset by asset (Sun, Fan, Chen, Schouwenaars and
Albota, "Optimal rebalancing for institutional portfolios", 2006). Taxes are an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional, total
from allusedesk.portfolio.holding_periods import Term
from allusedesk.portfolio.tax_estimate import estimate_tax
from allusedesk.portfolio.tax_lots import LotChoice, TaxPicture
from allusedesk.portfolio.tax_trades import TaxEvent, TaxTrade

_SHARE = Decimal("0.000001")


class CannotRebalance(Exception):
    """No trades follow from what was given; one plain sentence says why."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares of one symbol: how many, and how many of them are free to sell.

    `half_spread` is what a trade loses against the price per share, `volatility_year` a fraction.
    """

    name: str
    shares: int
    free: int
    price: Price
    half_spread: Price
    volatility_year: float

    @property
    def value(self) -> Money:
        return notional(self.price, self.shares)


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`band` is the drift of a weight that is borne, `lot` the shares traded together.

    `risk_aversion` is that of the quadratic utility, `cash_least` the part of equity that stays.
    """

    band: Decimal
    lot: int
    risk_aversion: Decimal
    cash_least: Decimal


@dataclass(frozen=True, slots=True)
class TaxView:
    """What is on the tax lots so far, and the rates a gain is taxed at; losses save as much."""

    events: tuple[tuple[date, TaxEvent], ...]
    today: date
    account: AccountId
    choice: LotChoice
    short_rate: Decimal
    long_rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxEffect:
    """What a trade changes in the year's taxes; `washed` are losses it defers."""

    short_gain: Money = NOTHING
    long_gain: Money = NOTHING
    washed: Money = NOTHING
    tax: Money = NOTHING


@dataclass(frozen=True, slots=True)
class RebalanceRow:
    """One symbol: where it stands, the trade that would bring it back, and what was decided.

    `shares_signed` is above zero for a purchase; `cost` is commission, half spread and tax,
    `benefit` what the trade is worth in a year. Without `is_traded` the weight stays.
    """

    name: str
    weight: Decimal
    target: Decimal
    shares_signed: int
    amount: Money
    commission: Money
    spread: Money
    tax: TaxEffect
    benefit: Money
    weight_after: Decimal
    is_traded: bool
    reason: str

    @property
    def cost(self) -> Money:
        return self.commission + self.spread + self.tax.tax


@dataclass(frozen=True, slots=True)
class RebalancePlan:
    """Sales first, then purchases; `cash_after` is what is left once all were made."""

    rows: tuple[RebalanceRow, ...]
    equity: Money
    cash_before: Money
    cash_after: Money

    @property
    def cost(self) -> Money:
        """What the trades made cost together."""
        return total([row.cost for row in self.rows if row.is_traded])


def propose_rebalance(
    targets: Mapping[str, Decimal],
    holdings: Sequence[Holding],
    cash: Money,
    rules: DriftRules,
    tax: TaxView,
    commission_of: Callable[[int], Money],
) -> RebalancePlan:
    """The trades that bring drifted weights back to their targets, in whole lots.

    What drifted less than the band, or costs more than it brings, stays and says so. Raises
    CannotRebalance for targets above the whole and for holdings without a price.
    """
    _check(targets, holdings, rules)
    equity = cash + total([one.value for one in holdings])
    if equity.amount <= 0:
        raise CannotRebalance(f"With an equity of {equity} there is nothing to rebalance.")
    desk = _Planning(equity, cash, rules, tax, commission_of)
    ordered = sorted(
        holdings,
        key=lambda one: (targets.get(one.name, Decimal(0)) - one.value.share_of(equity), one.name),
    )
    rows = [desk.row(one, targets.get(one.name, Decimal(0))) for one in ordered]
    return RebalancePlan(tuple(rows), equity, cash, desk.cash)


def _check(targets: Mapping[str, Decimal], holdings: Sequence[Holding], rules: DriftRules) -> None:
    names = {one.name for one in holdings}
    if len(names) != len(holdings):
        raise CannotRebalance("A symbol is held twice: put its shares together.")
    strange = [name for name in targets if name not in names]
    if strange:
        raise CannotRebalance(f"{', '.join(strange)} has a target but no price: name one.")
    if any(one < 0 for one in targets.values()) or sum(targets.values(), Decimal(0)) > 1:
        raise CannotRebalance("The targets must be parts of the whole: from 0 to 1 together.")
    if any(one.price.per_unit <= 0 for one in holdings):
        raise CannotRebalance("A holding has no price above zero, so nothing can be weighed.")
    if rules.lot < 1 or rules.band < 0:
        raise CannotRebalance("A lot needs one share or more, and a band no less than nothing.")


class _Planning:
    """The cash and the tax lots as they stand after the trades decided so far."""

    def __init__(
        self,
        equity: Money,
        cash: Money,
        rules: DriftRules,
        tax: TaxView,
        commission_of: Callable[[int], Money],
    ) -> None:
        self.cash = cash
        self._equity = equity
        self._rules = rules
        self._tax = tax
        self._commission_of = commission_of
        self._events = list(tax.events)
        self._picture = estimate_tax(self._events, tax.today, {}, tax.choice)

    def row(self, held: Holding, target: Decimal) -> RebalanceRow:
        weight = held.value.share_of(self._equity)
        if abs(weight - target) <= self._rules.band:
            return self._kept(held, target, f"within the band of {_percent(self._rules.band)}")
        shares, limit = self._shares(held, target)
        if shares == 0:
            return self._kept(held, target, limit)
        trade = self._trade(held, shares)
        picture = estimate_tax([*self._events, trade], self._tax.today, {}, self._tax.choice)
        found = self._weighed(held, target, shares, self._effect(picture))
        if found.cost > found.benefit:
            reason = (
                f"kept: it would cost {found.cost.amount:,.2f} and bring "
                f"{found.benefit.amount:,.2f} in a year"
            )
            return self._kept(held, target, reason, found)
        self._events.append(trade)
        self._picture = picture
        self.cash = self.cash - found.amount - found.commission - found.spread
        return replace(found, is_traded=True, reason=limit or "back to its target")

    def _shares(self, held: Holding, target: Decimal) -> tuple[int, str]:
        """Whole lots towards the target, and what keeps it from more."""
        rules = self._rules
        wanted = (self._equity.amount * target - held.value.amount) / held.price.per_unit
        lots = int(abs(wanted) / rules.lot)
        shares = lots * rules.lot
        if shares == 0:
            return 0, f"less than a lot of {rules.lot} away"
        if wanted < 0:
            if shares <= held.free:
                return -shares, ""
            free = held.free // rules.lot * rules.lot
            return -free, f"{held.shares - held.free} shares stand behind calls"
        room = self.cash - self._equity * rules.cash_least - self._commission_of(shares)
        each = held.price.per_unit + held.half_spread.per_unit
        most = max(0, int(room.amount / each)) // rules.lot * rules.lot
        if shares <= most:
            return shares, ""
        return most, "the cash does not reach further"

    def _trade(self, held: Holding, shares: int) -> tuple[date, TaxTrade]:
        fees = self._commission_of(abs(shares)) + _spread(held, shares)
        number = len(self._events)
        return self._tax.today, TaxTrade(
            on=self._tax.today,
            account=self._tax.account,
            lot=PositionId(f"rebalance/{number}"),
            instrument=Stock(held.name),
            units_signed=shares,
            amount=notional(held.price, -shares),
            fees=fees,
            is_opening=shares > 0,
        )

    def _effect(self, after: TaxPicture) -> TaxEffect:
        """What of the closings is new, and what of older losses is deferred by it."""
        before = self._picture.closings
        short = long = washed = NOTHING
        for place, one in enumerate(after.closings):
            gain, deferred = one.gain, one.disallowed
            if place < len(before):
                gain = gain - before[place].gain
                deferred = deferred - before[place].disallowed
            washed = washed + deferred
            if one.term is Term.LONG:
                long = long + gain
            else:
                short = short + gain
        taxed = short * self._tax.short_rate + long * self._tax.long_rate
        return TaxEffect(short, long, washed, taxed.to_cents())

    def _weighed(
        self, held: Holding, target: Decimal, shares: int, effect: TaxEffect
    ) -> RebalanceRow:
        weight = held.value.share_of(self._equity)
        after = notional(held.price, held.shares + shares).share_of(self._equity)
        saved = (weight - target) ** 2 - (after - target) ** 2
        variance = Decimal(repr(held.volatility_year * held.volatility_year))
        benefit = self._equity * (saved * variance * self._rules.risk_aversion / 2)
        return RebalanceRow(
            held.name,
            weight.quantize(_SHARE),
            target,
            shares,
            notional(held.price, shares),
            self._commission_of(abs(shares)),
            _spread(held, shares),
            effect,
            Money(benefit.amount.quantize(CENT, ROUND_HALF_UP)),
            after.quantize(_SHARE),
            is_traded=False,
            reason="",
        )

    def _kept(
        self,
        held: Holding,
        target: Decimal,
        reason: str,
        weighed: RebalanceRow | None = None,
    ) -> RebalanceRow:
        if weighed is not None:
            return replace(weighed, weight_after=weighed.weight, reason=reason)
        weight = held.value.share_of(self._equity).quantize(_SHARE)
        return RebalanceRow(
            held.name,
            weight,
            target,
            0,
            NOTHING,
            NOTHING,
            NOTHING,
            TaxEffect(),
            NOTHING,
            weight,
            is_traded=False,
            reason=reason,
        )


def _spread(held: Holding, shares: int) -> Money:
    return notional(held.half_spread, abs(shares))


def _percent(part: Decimal) -> str:
    return f"{part * 100:.2f} %"
