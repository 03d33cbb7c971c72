"""`estimate_tax`: every booking in turn, to tax lots, closings, wash sales and flags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, notional, total
from allusedesk.portfolio.holding_periods import (
    Collar,
    Term,
    is_long_term,
    is_qualified,
    is_section_1256,
    may_be_constructive_sale,
    tacked,
)
from allusedesk.portfolio.lot_pools import LotPools, adjusted, floored
from allusedesk.portfolio.tax_lots import (
    Ending,
    LotChoice,
    TaxClosing,
    TaxConcern,
    TaxFlag,
    TaxLot,
    TaxPicture,
    WashDeferral,
    YearEndMarks,
    closing_of,
)
from allusedesk.portfolio.tax_trades import (
    TaxAdjustment,
    TaxDelivery,
    TaxEvent,
    TaxTrade,
    cash_of,
    part_of,
)
from allusedesk.portfolio.wash_sales import OpenLoss, is_replacement


def estimate_tax(
    events: Iterable[tuple[date, TaxEvent]],
    through: date,
    marks: YearEndMarks,
    choice: LotChoice = LotChoice.FIFO,
) -> TaxPicture:
    """Lots and closings after the events, which come in the order of their days.

    `marks` are the prices at each year's last close by which section 1256 contracts are marked;
    years that end up to `through` are. All sleeves belong to one taxpayer. Raises ValueError
    where more is closed than was opened.
    """
    ledger = _Ledger(marks, choice)
    for on, event in events:
        ledger.begin(on)
        match event:
            case TaxTrade():
                ledger.trade(event)
            case TaxDelivery():
                ledger.deliver(event)
            case TaxAdjustment():
                ledger.adjust(event)
    ledger.begin(through)
    ledger.end_year_on(through)
    return TaxPicture(
        tuple(ledger.closings), ledger.pools.lots(), tuple(ledger.flags), tuple(ledger.washes)
    )


class _Ledger:
    """What the fold knows: pools of lots by instrument and side, and losses that may be washed."""

    def __init__(self, marks: YearEndMarks, choice: LotChoice) -> None:
        self.pools = LotPools()
        self.closings: list[TaxClosing] = []
        self.flags: list[TaxFlag] = []
        self.washes: list[WashDeferral] = []
        self._losses: dict[str, list[OpenLoss]] = {}
        self._marks = marks
        self._choice = choice
        self._year: int | None = None

    def begin(self, on: date) -> None:
        """Year ends that passed mark what section 1256 holds."""
        for year in range(self._year if self._year is not None else on.year, on.year):
            self._mark(year)
        self._year = on.year

    def end_year_on(self, through: date) -> None:
        """Mark the last year too where it is over."""
        if (through.month, through.day) == (12, 31):
            self._mark(through.year)

    def trade(self, trade: TaxTrade) -> None:
        """Units that came or went by themselves."""
        if trade.is_opening:
            self._open(trade, -cash_of(trade), NOTHING)
            return
        ending = Ending.SOLD if trade.units_signed < 0 else Ending.BOUGHT_BACK
        if trade.is_expiry:
            ending = Ending.EXPIRED
        self._close(trade, cash_of(trade), NOTHING, ending)

    def deliver(self, event: TaxDelivery) -> None:
        """An option's premium becomes part of what its shares cost, or brought (Pub. 550)."""
        ended = [(option, self.pools.pop(option, self._choice)) for option in event.options]
        linked = {share.linked_to for share in event.shares if share.is_opening}
        pooled = [lot for option, lots in ended if option.lot not in linked for lot in lots]
        others = [
            share
            for share in event.shares
            if not share.is_opening or all(share.linked_to != option.lot for option, _ in ended)
        ]
        left = sum(abs(share.units_signed) for share in others)
        premium, deferred = _carried(pooled)
        for share in event.shares:
            own = _carried(
                [lot for option, lots in ended if option.lot == share.linked_to for lot in lots]
            )
            if share in others:
                units = abs(share.units_signed)
                own = part_of(premium, units, left), part_of(deferred, units, left)
                premium, deferred, left = premium - own[0], deferred - own[1], left - units
            if share.is_opening:
                self._open(share, own[0] - cash_of(share), own[1])
            else:
                self._close(share, cash_of(share) - own[0], own[1], Ending.CALLED_AWAY)
        for option, lots in ended:
            for lot in lots:
                self._uncover(lot, option.on)

    def adjust(self, event: TaxAdjustment) -> None:
        """A split keeps days and cost of every lot; fractions paid in cash are sold."""
        for lots in self.pools.taken_out(event.before):
            exact = sum(lot.units for lot in lots) * event.ratio
            whole = floored(exact)
            if event.in_lieu:
                self._pay_fraction(event, lots, exact - whole)
            for lot in adjusted(lots, event, whole):
                self.pools.keep(lot)
        waiting = self._losses.get(event.before.underlying, [])
        self._losses[event.before.underlying] = [
            replace(
                loss,
                instrument=event.after,
                shares=int(loss.shares * event.ratio * event.after.multiplier)
                // event.before.multiplier,
            )
            if loss.instrument == event.before
            else loss
            for loss in waiting
        ]

    def _open(self, trade: TaxTrade, cost: Money, deferred: Money) -> None:
        number = self.pools.next_number()
        lot = TaxLot(
            number=number,
            batch=number,
            source=trade.lot,
            account=trade.account,
            instrument=trade.instrument,
            units_signed=trade.units_signed,
            acquired_on=trade.on,
            held_from=trade.on,
            cost=cost,
            deferred=deferred,
            spot=trade.spot,
        )
        self.pools.keep(lot)
        self._wash_earlier(lot)
        option = trade.instrument
        if isinstance(option, OptionContract) and not is_section_1256(option):
            if option.right is Right.CALL and lot.is_short:
                self._cover(lot, option, trade)
            self._look_for_collar(lot, option)

    def _close(self, trade: TaxTrade, cash: Money, deferred: Money, ending: Ending) -> None:
        """`cash` is what closing brought; `deferred` comes from options delivered with it."""
        left = abs(trade.units_signed)
        lots = self.pools.pop(trade, self._choice)
        for lot in lots:
            brought = part_of(cash, lot.units, left)
            moved = part_of(deferred, lot.units, left)
            cash, deferred, left = cash - brought, deferred - moved, left - lot.units
            closing = closing_of(lot, trade.on, brought, moved, ending)
            self._note(closing, lot)
        for lot in lots:
            self._uncover(lot, trade.on)

    def _note(self, closing: TaxClosing, lot: TaxLot) -> None:
        self.closings.append(closing)
        if closing.gain.amount < 0 and closing.term is not Term.SECTION_1256:
            loss = OpenLoss(
                closing=len(self.closings) - 1,
                batch=lot.batch,
                instrument=lot.instrument,
                is_short=lot.is_short,
                closed_on=closing.closed_on,
                held_from=lot.held_from,
                shares=lot.shares,
                loss=-closing.gain,
            )
            self._wash_later(loss)

    def _wash_later(self, loss: OpenLoss) -> None:
        """Hold a new loss against what was bought in the days before, then let it wait."""
        for lot in self.pools.on(loss.instrument.underlying):
            if loss.shares and lot.batch != loss.batch:
                loss = self._wash(loss, lot)[0]
        waiting = self._losses.setdefault(loss.instrument.underlying, [])
        waiting[:] = [one for one in waiting if not one.is_over(loss.closed_on)]
        if loss.shares:
            waiting.append(loss)

    def _wash_earlier(self, lot: TaxLot) -> None:
        """Hold a new lot against the losses of the days before, the oldest first."""
        waiting = self._losses.get(lot.instrument.underlying, [])
        for place, loss in enumerate(waiting):
            waiting[place], lot = self._wash(loss, lot)
        waiting[:] = [one for one in waiting if one.shares]

    def _wash(self, loss: OpenLoss, lot: TaxLot) -> tuple[OpenLoss, TaxLot]:
        """Defer what a lot replaces of a loss; what of both may still meet others."""
        free = lot.shares - lot.replacing
        counts = is_replacement(
            loss, lot.instrument, lot.acquired_on, lot.spot, is_short=lot.is_short
        )
        shares = min(free, loss.shares) if counts else 0
        if not shares:
            return loss, lot
        units = -(-(lot.replacing + shares) // lot.instrument.multiplier)
        rest = None
        if units < lot.units:
            lot, rest = lot.split(units, self.pools.next_number())
            self.pools.keep(rest)
        deferred, left = loss.replaced_by(shares)
        closing = self.closings[loss.closing]
        self.closings[loss.closing] = replace(closing, disallowed=closing.disallowed + deferred)
        self.flags.append(
            TaxFlag(closing.closed_on, closing.account, loss.instrument, TaxConcern.WASH_SALE)
        )
        self.washes.append(
            WashDeferral(
                loss.closing,
                lot.account,
                lot.instrument,
                lot.is_short,
                lot.acquired_on,
                shares,
                deferred,
            )
        )
        held_from = tacked(lot.held_from, loss.held_from, loss.closed_on)
        lot = replace(
            lot,
            deferred=lot.deferred + deferred,
            held_from=lot.held_from if lot.is_short else held_from,
            replacing=lot.replacing + shares,
        )
        self.pools.keep(lot)
        return left, lot if rest is None else rest

    def _cover(self, call: TaxLot, option: OptionContract, trade: TaxTrade) -> None:
        """Shares behind a call just written: those the desk named, else the oldest."""
        stock = Stock(option.underlying)
        free = [lot for lot in self.pools.held(stock) if lot.covered_by is None]
        free.sort(key=lambda lot: (lot.source != trade.linked_to, lot.batch))
        left = call.shares
        is_plain = is_qualified(option, trade.on, trade.spot)
        is_stopped = has_gained = False
        for held in free:
            lot = held
            if not left:
                break
            if lot.units > left:
                lot, rest = lot.split(left, self.pools.next_number())
                self.pools.keep(rest)
            left -= lot.units
            stops = not is_plain and not is_long_term(lot.held_from, trade.on)
            held_from = None if stops else lot.held_from
            self.pools.keep(replace(lot, covered_by=call.batch, held_from=held_from))
            is_stopped = is_stopped or not is_plain
            has_gained = has_gained or self._has_gained(lot, trade)
        if is_stopped:
            self._flag(call, TaxConcern.NOT_QUALIFIED)
        if has_gained and trade.spot is not None:
            deep = Collar(option, None, trade.spot)
            if may_be_constructive_sale(deep):
                self._flag(call, TaxConcern.CONSTRUCTIVE_SALE)

    def _has_gained(self, lot: TaxLot, trade: TaxTrade) -> bool:
        return trade.spot is not None and notional(trade.spot, lot.units) > lot.cost + lot.deferred

    def _look_for_collar(self, lot: TaxLot, option: OptionContract) -> None:
        """A put bought and a call written on shares that have gained, either one the later."""
        spot = lot.spot
        is_call = option.right is Right.CALL
        if spot is None or lot.is_short is not is_call:
            return
        shares = self.pools.held(Stock(option.underlying))
        if not any(notional(spot, one.units) > one.cost + one.deferred for one in shares):
            return
        for other in self.pools.on(option.underlying):
            across = other.instrument
            if not isinstance(across, OptionContract) or across.right is option.right:
                continue
            if other.is_short is is_call:
                continue
            call, put = (option, across) if is_call else (across, option)
            if may_be_constructive_sale(Collar(call, put, spot)):
                self._flag(lot, TaxConcern.CONSTRUCTIVE_SALE)
                return

    def _uncover(self, call: TaxLot, on: date) -> None:
        """Shares whose call ended are free; a holding period that was stopped begins anew."""
        left = call.shares if call.is_short else 0
        for held in self.pools.held(Stock(call.instrument.underlying)):
            lot = held
            if not left:
                break
            if lot.covered_by != call.batch:
                continue
            if lot.units > left:
                lot, rest = lot.split(left, self.pools.next_number())
                self.pools.keep(rest)
            left -= lot.units
            held_from = on if lot.held_from is None else lot.held_from
            self.pools.keep(replace(lot, covered_by=None, held_from=held_from))

    def _mark(self, year: int) -> None:
        """Section 1256 contracts as if sold and bought again at the year's last price."""
        on = date(year, 12, 31)
        prices = self._marks.get(year, {})
        for lot in self.pools.lots():
            if not is_section_1256(lot.instrument):
                continue
            price = prices.get(lot.instrument)
            if price is None:
                concern = TaxConcern.NO_MARK
                self.flags.append(TaxFlag(on, lot.account, lot.instrument, concern))
                continue
            worth = notional(price, lot.units_signed, lot.instrument.multiplier)
            self.closings.append(closing_of(lot, on, worth, NOTHING, Ending.MARKED))
            self.pools.keep(replace(lot, cost=worth, deferred=NOTHING, acquired_on=on))

    def _pay_fraction(self, event: TaxAdjustment, lots: list[TaxLot], fraction: Decimal) -> None:
        """The last lot's fraction of a unit is sold for the cash in its place."""
        last = lots[-1]
        if fraction == 0 or last.units * event.ratio <= fraction:
            # Everything was paid out: what all lots cost is what the cash stands against.
            basis, deferred = _carried(lots)
            lots[:] = [replace(lot, cost=NOTHING, deferred=NOTHING) for lot in lots]
        else:
            part = fraction / (last.units * event.ratio)
            basis, deferred = (last.cost * part).to_cents(), NOTHING
            lots[-1] = replace(last, cost=last.cost - basis)
        sold = replace(last, units_signed=0, cost=basis, deferred=deferred)
        self.closings.append(closing_of(sold, event.on, event.in_lieu, NOTHING, Ending.IN_LIEU))

    def _flag(self, lot: TaxLot, concern: TaxConcern) -> None:
        self.flags.append(TaxFlag(lot.acquired_on, lot.account, lot.instrument, concern))


def _carried(lots: list[TaxLot]) -> tuple[Money, Money]:
    return total([lot.cost for lot in lots]), total([lot.deferred for lot in lots])
