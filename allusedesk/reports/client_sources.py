"""Where a client's gain came from: each source of it, and what it cost, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.money import NOTHING, Money, total
from allusedesk.domain.positions import Position
from allusedesk.journal.queries import is_cost
from allusedesk.reports.client_record import AccountBooking, AccountRecord, is_outside


@dataclass(frozen=True, slots=True)
class GainSources:
    """What each kind of trade brought in the period; all of them add up to the account's gain.

    `still_open` is what the things not ended yet are worth more than at the beginning, beyond
    their cost. Costs are negative.
    """

    promises_to_buy: Money
    promises_to_sell: Money
    rights: Money
    shares: Money
    dividends: Money
    interest: Money
    still_open: Money
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
            ("Still open", self.still_open),
            ("Commissions", self.commissions),
            ("Other costs", self.fees),
        )


def gain_sources(record: AccountRecord) -> GainSources:
    """The sources of the gain of the period."""
    realised = {"buy": NOTHING, "sell": NOTHING, "rights": NOTHING, "shares": NOTHING}
    dividends = interest = fees = commissions = NOTHING
    for booking in record.bookings:
        commissions = commissions - booking.fees
        for change in booking.changes:
            lot = change.before or change.after
            if lot is not None:
                kind = _kind_of(lot)
                realised[kind] = realised[kind] + change.realised
        if booking.how == "dividend":
            dividends = dividends + booking.cash
        elif _is_charge(booking):
            if "interest" in booking.reason.lower():
                interest = interest + booking.cash
            else:
                fees = fees + booking.cash
    told = total([*realised.values(), dividends, interest, fees, commissions])
    return GainSources(
        promises_to_buy=realised["buy"],
        promises_to_sell=realised["sell"],
        rights=realised["rights"],
        shares=realised["shares"],
        dividends=dividends,
        interest=interest,
        still_open=record.gain - told,
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
