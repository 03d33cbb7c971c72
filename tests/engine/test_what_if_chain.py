"""A chain for the eye: the tier's expiry, the strike at the money, the rule's band."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import OptionContract, Right
from allusedesk.domain.quotes import Greeks, MarketSnapshot, OptionChain, Quote
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.chain import chain_of, watch_of
from tests.trading import DAY, FRIDAY, NOON, call, classic, put, quote, snapshot

STATE = DeskState(rulebook=classic())
LATER = FRIDAY + timedelta(days=28)


def seen(contract: OptionContract, delta: float) -> Quote:
    return replace(quote(contract), greeks=Greeks(delta, 0.01, -0.1, 5.0, 0.3))


def market(*quotes: Quote, expiries: tuple[date, ...] = (FRIDAY, LATER)) -> MarketSnapshot:
    found = snapshot(*quotes, spot="101")
    return replace(found, chains=(OptionChain("AAPL", expiries, quotes, is_modelled=True),))


def test_strikes_stand_in_order_with_both_rights_and_the_money_marked() -> None:
    look = chain_of(
        STATE,
        market(seen(put(105), -0.7), seen(put(100), -0.45), seen(call(100), 0.55)),
        "AAPL",
        AccountKind.GENERATION,
        FRIDAY,
    )
    assert [row.strike for row in look.rows] == [Decimal(100), Decimal(105)]
    first, second = look.rows
    assert first.is_at_money
    assert not second.is_at_money
    assert first.call is not None
    assert second.call is None
    assert look.is_modelled
    assert look.days_to(FRIDAY) == 3


def test_the_band_of_the_tier_is_shaded_ends_included() -> None:
    band = classic().account(AccountKind.GENERATION).delta
    low, high = float(band.low) / 100, float(band.high) / 100
    quotes = [
        seen(put(100), -low),
        seen(put(101), -high),
        seen(put(102), -high - 0.001),
        seen(put(99), -low + 0.001),
        seen(call(100), high),
        seen(call(102), low - 0.01),
    ]
    look = chain_of(STATE, market(*quotes), "AAPL", AccountKind.GENERATION, FRIDAY)
    assert look.band == band
    by_strike = {int(row.strike): row for row in look.rows}
    assert [by_strike[strike].is_put_in_band for strike in (99, 100, 101, 102)] == [
        False,
        True,
        True,
        False,
    ]
    assert by_strike[100].is_call_in_band
    assert not by_strike[102].is_call_in_band
    other = chain_of(STATE, market(*quotes), "AAPL", AccountKind.COMPOUNDING, FRIDAY)
    assert other.band != look.band


def test_without_a_choice_the_tiers_own_days_decide() -> None:
    days = classic().account(AccountKind.COMPOUNDING).days_to_expiry
    fitting = DAY + timedelta(days=days.low)
    found = market(seen(put(100, fitting), -0.3), expiries=(FRIDAY, fitting))
    look = chain_of(STATE, found, "AAPL", AccountKind.COMPOUNDING, None)
    assert look.expiry == (FRIDAY if days.holds((FRIDAY - DAY).days) else fitting)
    gone = chain_of(STATE, found, "AAPL", AccountKind.COMPOUNDING, date(2013, 1, 4))
    assert gone.expiry == look.expiry


def test_a_symbol_without_a_chain_shows_nothing_and_why() -> None:
    found = replace(snapshot(), chains=(), defects=("There is no chain of AAPL.",))
    look = chain_of(STATE, found, "AAPL", AccountKind.REVENUE, None)
    assert look.rows == ()
    assert look.expiry is None
    assert look.notes == ("There is no chain of AAPL.",)


def test_one_expiry_is_asked_for_alone_and_all_where_none_is_chosen() -> None:
    wish, listing = watch_of("AAPL", NOON, FRIDAY).chains
    assert listing.days_low == listing.days_high > 750
    assert (wish.days_low, wish.days_high) == (3, 3)
    assert set(wish.rights) == set(Right)
    every, _ = watch_of("AAPL", NOON, None).chains
    assert every.days_low == 0
    assert every.days_high > 45
