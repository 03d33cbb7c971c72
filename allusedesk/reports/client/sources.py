"""Where a client's gain came from: each source of it, and what it cost, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import Position
from allusedesk.journal.queries.record import is_cost
from allusedesk.reports.client.record import AccountBooking, AccountRecord, is_outside


@dataclass(frozen=True, slots=True)
class GainSources:
    """What each kind of thing brought in the period; all of them add up to the account's gain.

    What ended counts from its worth at the beginning of the period, or its cost where it came
    later, and so does what is still open, up to its worth at the end. `unexplained` is what no
    price explains, which is nothing where every close is whole. Costs are negative.
    """

    promises_to_buy: Money
    promises_to_sell: Money
    rights: Money
    shares: Money
    dividends: Money
    interest: Money
    unexplained: Money
    commissions: Money
    fees: Money

    @property
    def costs(self) -> Money:
        """Commissions and fees together, negative."""
        return self.commissions + self.fees

    def named(self) -> tuple[tuple[str, Money], ...]:
        """Each source by its name in plain words."""
        return (
            ("Promises to buy", self.promises_to_buy),
            ("Promises to sell", self.promises_to_sell),
            ("Rights you bought", self.rights),
            ("Shares", self.shares),
            ("Dividends", self.dividends),
            ("Interest", self.interest),
            ("Not explained", self.unexplained),
            ("Commissions", self.commissions),
            ("Other costs", self.fees),
        )


def gain_sources(record: AccountRecord) -> GainSources:
    """The sources of the gain of the period."""
    gains = dict.fromkeys(("buy", "sell", "rights", "shares"), NOTHING)
    for lots, prices, sign in (
        (record.held_first, record.prices_first, -1),
        (record.held, record.prices, 1),
    ):
        for lot in lots.values():
            price = prices.get(lot.instrument, lot.price_average)
            worth = lot.value_at(price) - lot.value_at(lot.price_average)
            gains[_kind_of(lot)] = gains[_kind_of(lot)] + worth * sign
    dividends = interest = fees = commissions = NOTHING
    for booking in record.bookings:
        commissions = commissions - booking.fees
        for change in booking.changes:
            lot_changed = change.before or change.after
            if lot_changed is not None:
                kind = _kind_of(lot_changed)
                gains[kind] = gains[kind] + change.realised
        if booking.how == "split":
            # Fractions of a share are paid in cash.
            gains["shares"] = gains["shares"] + booking.cash
        elif booking.how == "dividend":
            dividends = dividends + booking.cash
        elif _is_charge(booking):
            if "interest" in booking.reason.lower():
                interest = interest + booking.cash
            else:
                fees = fees + booking.cash
    told = total([*gains.values(), dividends, interest, fees, commissions])
    return GainSources(
        promises_to_buy=gains["buy"],
        promises_to_sell=gains["sell"],
        rights=gains["rights"],
        shares=gains["shares"],
        dividends=dividends,
        interest=interest,
        unexplained=record.gain - told,
        commissions=commissions,
        fees=fees,
    )


def money_moves(record: AccountRecord) -> tuple[AccountBooking, ...]:
    """Money from or to the outside, moves between the account's own parts left out."""
    return tuple(one for one in record.bookings if is_outside(one) and one.cash)


def _is_charge(booking: AccountBooking) -> bool:
    return booking.how == "cash" and is_cost(booking.reason)


def _kind_of(lot: Position) -> str:
    if lot.is_shares:
        return "shares"
    if not lot.is_short:
        return "rights"
    return "buy" if lot.is_short_put else "sell"
