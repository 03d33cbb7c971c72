from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allusedesk.domain.book import Book
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.money import total
from allusedesk.domain.orders import SplitTookEffect, StrikesReduced
from allusedesk.portfolio.accounting import BookMismatch
from allusedesk.portfolio.splits import (
    adjusted_contract,
    book_split,
    book_strikes_reduced,
    reduced_contract,
)
from tests.trading import (
    COM,
    DAY,
    NOON,
    REV,
    STOCK,
    call,
    dollars,
    funded_book,
    lot,
    price,
    put,
    with_lots,
)


def split_of(book: Book, ratio: str, lieu: str | None = None) -> Book:
    paid = None if lieu is None else price(lieu)
    notice = SplitTookEffect("N1", "AAPL", DAY, Decimal(ratio), paid)
    return book.booked(book_split(book, notice, DAY), DAY)


def test_seven_for_one_multiplies_shares_and_contracts_and_divides_prices() -> None:
    shares = lot(STOCK, 100, price_average=price(700), basis=price(693), spot_at_open=price(707))
    short = lot(call(650), -1, id=PositionId("call"), price_average=price(14), linked_to=shares.id)
    after = split_of(with_lots(funded_book(), shares, short), "7")
    held = after.positions[shares.id]
    assert (held.quantity_signed, held.price_average, held.basis) == (700, price(100), price(99))
    assert held.spot_at_open == price(101)
    adjusted = after.positions[short.id]
    assert adjusted.instrument == call("92.86")
    assert (adjusted.quantity_signed, adjusted.price_average) == (-7, price(2))
    assert after.shares_uncovered(held) == 0
    assert after.cash == funded_book().cash


def test_another_ratio_changes_what_a_contract_delivers() -> None:
    assert adjusted_contract(put(90), Decimal("1.5")) == (put(60, multiplier=150), 1)
    assert adjusted_contract(put(90), Decimal("0.125")) == (put(720, multiplier=12), 1)
    assert adjusted_contract(put(90), Decimal("0.001"))[0].multiplier == 1
    short = lot(put(90), -2, price_average=price(3), spot_at_open=price(96))
    held = split_of(with_lots(funded_book(), short), "1.5").positions[short.id]
    assert (held.quantity_signed, held.price_average, held.spot_at_open) == (
        -2,
        price(2),
        price(64),
    )


def test_a_fraction_is_paid_in_cash_to_the_last_sleeve() -> None:
    first = lot(STOCK, 101, account=COM, opened_at=NOON - timedelta(days=9))
    second = lot(STOCK, 104, id=PositionId("second"))
    after = split_of(with_lots(funded_book(), first, second), "0.5", "200")
    assert after.positions[first.id].quantity_signed == 50
    assert after.positions[second.id].quantity_signed == 52
    assert after.cash[REV].settled == dollars("100100.00")
    assert after.cash[COM].settled == dollars(100_000)


def test_a_lot_too_small_for_one_share_is_gone() -> None:
    after = split_of(with_lots(funded_book(), lot(STOCK, 3)), "0.25", "400")
    assert not after.positions
    assert after.cash[REV].settled == dollars(100_300)


def test_a_fraction_without_a_price_is_refused() -> None:
    with pytest.raises(BookMismatch, match="names no price"):
        split_of(with_lots(funded_book(), lot(STOCK, 3)), "0.5")


@pytest.mark.parametrize("ratio", ["0", "-2"])
def test_a_ratio_that_is_none_is_refused(ratio: str) -> None:
    with pytest.raises(BookMismatch, match="is none"):
        split_of(funded_book(), ratio)


def test_other_symbols_are_left_alone() -> None:
    book = with_lots(funded_book(), lot(STOCK, 100))
    notice = SplitTookEffect("N1", "MSFT", DAY, Decimal(2))
    assert book_split(book, notice, DAY).changes == ()


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=4),
    st.sampled_from(["2", "3", "1.5", "0.5", "0.1", "0.125", "1.25"]),
)
def test_a_split_conserves_cost_plus_cash_plus_realised(sizes: list[int], ratio: str) -> None:
    lots = [lot(STOCK, size, id=PositionId(f"L{n}")) for n, size in enumerate(sizes)]
    book = with_lots(funded_book(), *lots)
    lieu = Decimal(100) / Decimal(ratio)
    notice = SplitTookEffect("N1", "AAPL", DAY, Decimal(ratio), price(str(lieu)))
    booking = book_split(book, notice, DAY)
    after = book.booked(booking, DAY)
    cost_before = total([held.value_at(held.price_average) for held in lots]).amount
    held_after = list(after.positions.values())
    cost_after = total([held.value_at(held.price_average) for held in held_after]).amount
    gain = total([change.realised for change in booking.changes]).amount
    assert abs(cost_after - cost_before - gain) < Decimal("1e-15")
    paid = total([move.amount for move in booking.cash]).amount
    assert abs(paid + cost_after - cost_before) <= Decimal("0.005")
    assert sum(h.quantity for h in held_after) == int(sum(sizes) * Decimal(ratio))


strikes = st.integers(2, 4_000).map(lambda halves: Decimal(halves) / 2)


@given(
    strikes,
    st.integers(1, 30),
    st.sampled_from(["2", "3", "4", "7", "10", "20", "1.5", "1.25"]),
    st.integers(1, 8_000).map(lambda halves: Decimal(halves) / 2),
    st.booleans(),
)
def test_a_split_conserves_what_options_are_worth(
    strike: Decimal, contracts: int, ratio: str, spot: Decimal, is_put: bool
) -> None:
    """Intrinsic value at the split price, but for the rounding of the strike to a cent.

    The strikes a split leaves under a share of a cent are none, as are splits of penny shares.
    """
    held = put(str(strike)) if is_put else call(str(strike))
    adjusted, factor = adjusted_contract(held, Decimal(ratio))
    sign = -1 if is_put else 1
    before = max(sign * (spot - strike), Decimal(0)) * 100 * contracts
    later = max(sign * (spot / Decimal(ratio) - adjusted.strike), Decimal(0))
    units = adjusted.multiplier * factor * contracts
    assert units == 100 * contracts * Decimal(ratio)
    assert abs(later * units - before) <= units * Decimal("0.005") + Decimal("1e-15")


def test_three_for_two_delivers_150_shares_at_two_thirds() -> None:
    adjusted, factor = adjusted_contract(call(45), Decimal("1.5"))
    assert (adjusted, factor) == (call(30, multiplier=150), 1)
    assert not adjusted.is_standard


def test_a_special_dividend_lowers_strikes_of_every_lot() -> None:
    """Microsoft's three dollars of 2004: the 27.50 call became a 24.50 call."""
    shares = lot(STOCK, 100)
    held = lot(call("27.50"), -1, id=PositionId("call"), linked_to=shares.id)
    other = lot(put(90, underlying="X"), -1, id=PositionId("other"))
    book = with_lots(funded_book(), shares, held, other)
    notice = StrikesReduced("N1", "AAPL", DAY, Decimal(3))
    after = book.booked(book_strikes_reduced(book, notice), DAY)
    assert after.positions[held.id].instrument == call("24.50")
    assert after.positions[held.id].price_average == held.price_average
    assert (after.positions[shares.id], after.positions[other.id]) == (shares, other)
    assert after.cash == book.cash


@pytest.mark.parametrize(("per_share", "strike"), [("0.125", "99.88"), ("0.124", "100")])
def test_under_twelve_dollars_fifty_a_contract_nothing_is_adjusted(
    per_share: str, strike: str
) -> None:
    assert reduced_contract(call(100), Decimal(per_share)) == call(strike)


def test_a_strike_stays_above_zero_and_a_dividend_of_nothing_is_refused() -> None:
    assert reduced_contract(call(2), Decimal(5)) == call("0.01")
    with pytest.raises(BookMismatch, match="is none"):
        book_strikes_reduced(funded_book(), StrikesReduced("N1", "AAPL", DAY, Decimal(0)))


@given(strikes, st.integers(13, 500), st.integers(1, 8_000), st.booleans())
def test_a_special_dividend_conserves_what_options_are_worth(
    strike: Decimal, cents: int, spot: int, is_put: bool
) -> None:
    """Strike and share fall by the same amount."""
    per_share = Decimal(cents) / 100
    held = put(str(strike)) if is_put else call(str(strike))
    after = reduced_contract(held, per_share)
    if strike <= per_share:
        return
    sign = -1 if is_put else 1
    before = sign * (Decimal(spot) - strike)
    assert sign * (Decimal(spot) - per_share - after.strike) == before


def apples_contracts(shared_data: Path) -> dict[str, dict[OptionContract, Decimal]]:
    """The closing mids of Apple's options on both sides of the seven-for-one split of 2014."""
    mids: dict[str, dict[OptionContract, Decimal]] = {"20140606": {}, "20140609": {}}
    with ZipFile(shared_data / "options_lean" / "daily" / "aapl_2014_quote_american.zip") as whole:
        for name in whole.namelist():
            _, _, _, right, strike, day = name.removesuffix(".csv").split("_")
            expiry = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            contract = OptionContract(
                "AAPL", expiry, Right(right[0].upper()), Decimal(int(strike)) / 10_000
            )
            for line in whole.read(name).decode().splitlines():
                at, _, _, _, bid, _, _, _, _, ask, _ = line.split(",")
                if bid and ask:
                    mids[at[:8]][contract] = Decimal(int(bid) + int(ask)) / 20_000
    return mids


def test_apples_options_became_what_was_listed_after_its_split(shared_data: Path) -> None:
    """Every contract quoted on the Monday is one of Friday's adjusted, and worth as much.

    The share itself rose by 1.6% over the weekend, so the middle contract is what is compared.
    """
    mids = apples_contracts(shared_data)
    friday, monday = mids["20140606"], mids["20140609"]
    becomes = {
        adjusted_contract(contract, Decimal(7)): contract
        for contract in friday
        if contract.expiry > date(2014, 6, 6)
    }
    assert len(monday) > 1900
    assert {factor for _, factor in becomes} == {7}
    before = {adjusted: contract for (adjusted, _), contract in becomes.items()}
    found = [contract for contract in monday if contract in before]
    assert len(found) > 0.99 * len(monday)
    moved = [7 * monday[one] - friday[before[one]] for one in found]
    assert abs(median(moved)) < Decimal("0.05")
