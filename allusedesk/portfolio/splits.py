"""What splits and special dividends make of shares, strikes and contracts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.book import Book, Booking, CashMove, LotChange
from allusedesk.domain.instruments import OptionContract, Stock
from allusedesk.domain.money import CENT, NOTHING, Money, Price, notional
from allusedesk.domain.orders import SplitTookEffect, StrikesReduced
from allusedesk.domain.positions import Position
from allusedesk.portfolio.accounting import BookMismatch


def adjusted_contract(contract: OptionContract, ratio: Decimal) -> tuple[OptionContract, int]:
    """A contract after a split, and how many of it each old one became.

    A whole ratio above one multiplies contracts and divides the strike, to the cent, as the
    Options Clearing Corporation does; another ratio leaves the number of contracts and changes
    how many whole shares each delivers (never fewer than one).
    """
    strike = (contract.strike / ratio).quantize(CENT, ROUND_HALF_UP)
    if is_whole(ratio):
        return replace(contract, strike=strike), int(ratio)
    shares = int((contract.multiplier * ratio).to_integral_value(ROUND_FLOOR))
    return replace(contract, strike=strike, multiplier=max(shares, 1)), 1


# The Options Clearing Corporation adjusts for special dividends from $12.50 a contract on.
SPECIAL_DIVIDEND_MIN = Decimal("12.50")


def reduced_contract(contract: OptionContract, per_share: Decimal) -> OptionContract:
    """A contract after a special dividend: the strike falls by it, nothing else changes.

    A dividend worth less than $12.50 a contract leaves it as it is; a strike stays above zero.
    """
    if per_share * contract.multiplier < SPECIAL_DIVIDEND_MIN:
        return contract
    strike = (contract.strike - per_share).quantize(CENT, ROUND_HALF_UP)
    return replace(contract, strike=max(strike, CENT))


def book_strikes_reduced(book: Book, notice: StrikesReduced) -> Booking:
    """Every option lot of the symbol with its strike lowered; shares are paid the dividend.

    Raises BookMismatch for a dividend that is none.
    """
    if notice.per_share <= 0:
        message = (
            f"A special dividend of {notice.symbol} of {notice.per_share} is none: nothing is "
            "booked."
        )
        raise BookMismatch(message)
    changes = [
        LotChange(lot, replace(lot, instrument=after))
        for lot in book.all_positions()
        if isinstance(lot.instrument, OptionContract)
        and lot.underlying == notice.symbol
        and (after := reduced_contract(lot.instrument, notice.per_share)) != lot.instrument
    ]
    return Booking(tuple(changes), ())


def is_whole(ratio: Decimal) -> bool:
    """True for two for one, three for one and so on; False for 3:2 and for reverse splits."""
    return ratio > 1 and ratio == ratio.to_integral_value()


def shares_after(shares: int, ratio: Decimal) -> tuple[int, Decimal]:
    """Whole shares after a split, and the fraction of one that is paid in cash."""
    exact = shares * ratio
    whole = exact.to_integral_value(ROUND_FLOOR)
    return int(whole), exact - whole


def book_split(book: Book, notice: SplitTookEffect, today: date) -> Booking:
    """Every lot of the symbol after a split; what a lot cost stays what it was.

    Shares are rounded down over all sleeves together, as the broker does, and one fraction is
    paid at the notice's price, to the cent, to the sleeve of the last lot. Raises BookMismatch
    where a fraction is left and the notice names no price for it.
    """
    if notice.ratio <= 0:
        message = f"A split of {notice.symbol} by {notice.ratio} is none: nothing is booked."
        raise BookMismatch(message)
    lots = [lot for lot in book.all_positions() if lot.underlying == notice.symbol]
    changes: list[LotChange] = []
    shares_before = shares_made = 0
    last: AccountId | None = None
    for lot in lots:
        if isinstance(lot.instrument, Stock):
            shares_before += lot.quantity_signed
            made = shares_after(shares_before, notice.ratio)[0] - shares_made
            shares_made += made
            last = lot.account
            changes.append(_split_shares(lot, made, notice.ratio))
        else:
            changes.append(_split_option(lot, lot.instrument, notice.ratio))
    _, fraction = shares_after(shares_before, notice.ratio)
    if not fraction or last is None:
        return Booking(tuple(changes), ())
    if notice.price_in_lieu is None:
        message = (
            f"The split of {notice.symbol} leaves {fraction} of a share, and its notice names no "
            "price for it: nothing is booked. Ask the broker what it pays for fractions."
        )
        raise BookMismatch(message)
    paid = Money(notice.price_in_lieu.per_unit * fraction).to_cents()
    reason = f"fraction of a share of {notice.symbol} after its split"
    return Booking(tuple(changes), (CashMove(last, paid, today, reason),) if paid else ())


def _split_shares(lot: Position, made: int, ratio: Decimal) -> LotChange:
    if made == 0:
        return LotChange(lot, None, -notional(lot.price_average, lot.quantity_signed))
    after = replace(
        lot,
        quantity_signed=made,
        price_average=_divided(lot.price_average, ratio),
        spot_at_open=None if lot.spot_at_open is None else _divided(lot.spot_at_open, ratio),
        basis=None if lot.basis is None else _divided(lot.basis, ratio),
    )
    if made == lot.quantity_signed * ratio:
        return LotChange(lot, after, NOTHING)
    # A lot that loses a fraction has sold it; one that gains a fraction has bought it.
    gain = notional(after.price_average, made) - notional(lot.price_average, lot.quantity_signed)
    return LotChange(lot, after, gain)


def _split_option(lot: Position, contract: OptionContract, ratio: Decimal) -> LotChange:
    adjusted, factor = adjusted_contract(contract, ratio)
    units_before = lot.quantity_signed * contract.multiplier
    units = lot.quantity_signed * factor * adjusted.multiplier
    cost = lot.price_average * units_before
    after = replace(
        lot,
        instrument=adjusted,
        quantity_signed=lot.quantity_signed * factor,
        price_average=Price(cost.per_unit / units, cost.currency),
        spot_at_open=None if lot.spot_at_open is None else _divided(lot.spot_at_open, ratio),
    )
    return LotChange(lot, after, NOTHING)


def _divided(price: Price, ratio: Decimal) -> Price:
    return Price(price.per_unit / ratio, price.currency)
