"""Strategies beside the protocol on a whole desk: switched, filled, left, recorded, resumed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from allusedesk.approvals.trust import concerns_trust
from allusedesk.domain import events as ev
from allusedesk.domain.accounts import AccountId
from allusedesk.domain.inputs import OperatorAsked, OperatorRequest
from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import NOTHING
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.strategy_events import StrategiesWeighed, StrategySwitched
from allusedesk.engine.replay import replay
from allusedesk.engine.state_text import read_state, write_state
from allusedesk.engine.what_if.limits import issuers_of
from allusedesk.journal.queries.strategies import strategy_trades
from allusedesk.journal.words.sentences import describe
from tests.acceptance.desks import F1_REV, MONDAY, TUESDAY, WEDNESDAY, stage
from tests.acceptance.stage import Stage, at
from tests.protocol.examples import constitution_text
from tests.strategy.definitions import FOLDER

SHIPPED = (FOLDER / "put-credit-spread.toml").read_text(encoding="utf-8")
# The stage lists Fridays alone: a spread of one to three weeks on its own symbol.
SPREAD = (
    SHIPPED.replace('symbols = ["SPY"]\n', "")
    .replace("low = 28, high = 48", "low = 4, high = 18")
    .replace("days_left = 14", "days_left = 1")
    .replace("loss = 2.00", "loss = 1.00")
    .replace("units_max = 10", "units_max = 5")
)
NAME = "put-credit-spread@1.0"


def switched(text: str = SPREAD, account: str = F1_REV, *, is_on: bool = True) -> StrategySwitched:
    return StrategySwitched(AccountId(account), NAME, text, is_on, "anna", "a trial")


def desk_with_spread(until: str = "10:40") -> Stage:
    desk = stage()
    desk.play(at(MONDAY, "08:00"))
    desk.play(at(MONDAY, until), switched())
    return desk


def options_held(desk: Stage) -> dict[OptionContract, int]:
    lots = desk.state.book.all_positions()
    return {lot.option: lot.quantity_signed for lot in lots if lot.option is not None}


def check_broker(desk: Stage) -> None:
    statement = desk.broker.statement()
    book = desk.state.book
    held = {line.instrument: line.quantity_signed for line in statement.held}
    assert held == options_held(desk)
    assert statement.cash == sum((pile.whole for pile in book.cash.values()), start=NOTHING)


def test_a_spread_goes_from_its_text_to_a_fill_as_one_order_and_holds_its_width() -> None:
    desk = desk_with_spread()
    (order,) = [event.order for event in desk.all(ev.OrderWritten)]
    assert len(order.legs) == 2
    assert {leg.role for leg in order.legs} == {PositionRole.STRATEGY}
    short, long = sorted(options_held(desk), key=lambda option: -option.strike)
    assert options_held(desk) == {short: -5, long: 5}
    width = short.strike - long.strike
    book = desk.state.book
    assert book.collateral_of(F1_REV, NOTHING).amount == width * 500
    (judged,) = desk.all(ev.RiskJudged)
    (made,) = [event.proposal for event in desk.all(ev.ProposalMade)]
    credit = made.credit_net.per_unit if made.credit_net is not None else Decimal(0)
    assert abs(-judged.worst_case.amount - (width - credit) * 500) <= Decimal(5)
    assert str(made.rule) == f"{NAME}/spread.entry"
    (issuer,) = issuers_of(desk.state)
    assert issuer.used.amount == width * 500
    check_broker(desk)


def test_the_rulebook_opens_nothing_in_a_sleeve_that_strategies_run() -> None:
    desk = desk_with_spread("15:45")
    looks = [event for event in desk.all(ev.EntriesWeighed) if event.account == F1_REV]
    reasons = {down.reason for event in looks for down in event.turned_down}
    assert "strategies.run" in reasons
    assert {event.proposal.rule.rulebook for event in desk.all(ev.ProposalMade)} == {NAME}
    beside = stage()
    beside.play(at(MONDAY, "08:00"))
    text = (FOLDER / "protocol-rev.toml").read_text(encoding="utf-8")
    own = StrategySwitched(F1_REV, "protocol-rev@1.0", text, is_on=True, operator="anna")
    beside.play(at(MONDAY, "15:45"), switched(), own)
    rulebooks = {event.proposal.rule.rulebook for event in beside.all(ev.ProposalMade)}
    assert rulebooks == {NAME, "classic@1.0"}


def test_nothing_is_on_unless_somebody_switches_it_on() -> None:
    desk = stage()
    desk.play(at(MONDAY, "15:45"))
    assert not desk.all(StrategiesWeighed)
    assert desk.state.strategies == ()
    assert not [alarm for alarm in desk.state.alarms if "strategies" in alarm]


def test_profit_is_taken_and_the_trade_is_told_to_the_cent() -> None:
    desk = desk_with_spread()
    desk.spots["AAPL"] = Decimal(104)
    desk.play(at(TUESDAY, "16:30"))
    assert options_held(desk) == {}
    (trade,) = strategy_trades(desk.record.entries)
    assert (trade.ending, trade.part, trade.units) == ("exit.profit", "spread", 5)
    before = desk.rules.account(desk.symbols[1].kind).capital_share * desk.capital
    gained = desk.state.book.cash[F1_REV].whole.amount - before
    assert trade.result.amount == gained > 0
    assert describe(desk.entries(StrategiesWeighed)[-1].event).startswith(NAME)
    check_broker(desk)


def test_a_loss_is_left_at_its_number_and_never_exceeds_width_less_credit() -> None:
    desk = desk_with_spread()
    (trade,) = strategy_trades(desk.record.entries)
    width = desk.state.book.collateral_of(F1_REV, NOTHING).amount
    desk.spots["AAPL"] = Decimal(91)
    desk.play(at(TUESDAY, "16:30"))
    (over,) = strategy_trades(desk.record.entries)
    assert over.ending == "exit.loss"
    assert -over.realised.amount <= width - trade.opened_for.amount
    check_broker(desk)


def test_switched_off_it_opens_nothing_and_still_leaves_what_it_holds() -> None:
    desk = desk_with_spread()
    desk.play(at(MONDAY, "11:00"), switched(is_on=False))
    desk.spots["AAPL"] = Decimal(104)
    desk.play(at(WEDNESDAY, "16:30"))
    own = [event.proposal for event in desk.all(ev.ProposalMade) if event.proposal.is_of_strategy]
    assert [proposal.is_opening for proposal in own] == [True, False]
    # The sleeve is the rulebook's again.
    assert any(not event.proposal.is_of_strategy for event in desk.all(ev.ProposalMade))
    assert desk.state.owners == type(desk.state.owners)()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (switched(account="F9.rev"), "there is no sleeve F9.rev"),
        (switched("name = 1"), "name must be a text"),
        (switched(SPREAD.replace('"put-credit', '"other')), "defines other-spread@1.0"),
        (switched(SPREAD.replace('"gen", "rev"', '"gen"')), "is made for gen, com"),
        (switched(is_on=False), "is not switched on"),
    ],
)
def test_what_cannot_be_switched_is_denied_in_words(event: StrategySwitched, said: str) -> None:
    desk = stage()
    desk.play(at(MONDAY, "08:00"))
    desk.play(at(MONDAY, "08:30"), event)
    (denied,) = desk.all(ev.RequestDenied)
    assert said in denied.reason
    assert desk.state.strategies == ()


def test_a_new_version_takes_the_place_of_the_old_one_which_manages_what_it_holds() -> None:
    desk = desk_with_spread()
    newer = SPREAD.replace('version = "1.0"', 'version = "1.1"')
    later = StrategySwitched(F1_REV, "put-credit-spread@1.1", newer, is_on=True, operator="anna")
    desk.play(at(MONDAY, "11:00"), later)
    on = {one.strategy: one.is_on for one in desk.state.strategies}
    assert on == {NAME: False, "put-credit-spread@1.1": True}
    desk.spots["AAPL"] = Decimal(104)
    desk.play(at(TUESDAY, "16:30"))
    (trade,) = [one for one in strategy_trades(desk.record.entries) if one.strategy == NAME]
    assert trade.ending == "exit.profit"


def test_by_hand_a_leg_is_not_rolled_and_what_protects_is_not_sold_alone() -> None:
    desk = desk_with_spread()
    short, long = sorted(desk.state.book.all_positions(), key=lambda lot: lot.quantity_signed)
    ask = OperatorAsked(OperatorRequest.ROLL, short.id, "anna")
    desk.play(at(MONDAY, "11:00"), ask)
    assert desk.all(ev.RequestDenied)[-1].rule == "strategy.roll"
    # Without its long the puts would hold 48,500 and more: there is that much.
    desk.play(at(MONDAY, "11:30"), OperatorAsked(OperatorRequest.CLOSE, long.id, "anna"))
    judged = desk.all(ev.RiskJudged)[-1]
    assert judged.collateral_before < judged.collateral_after
    assert short.option is not None
    assert judged.collateral_after.amount >= short.option.strike * 500
    check_broker(desk)


def test_the_record_alone_brings_strategies_back() -> None:
    desk = desk_with_spread()
    before = desk.state
    assert read_state(write_state(before)) == before
    assert before.owners
    desk.stop_and_resume()
    assert desk.engine.state.strategies == before.strategies
    assert desk.engine.state.owners == before.owners
    told = replay(desk.record.entries)
    assert told.is_same, told.first_difference


def test_trust_that_the_rulebook_earned_never_answers_for_a_strategy() -> None:
    desk = desk_with_spread()
    (spread,) = [event.proposal for event in desk.all(ev.ProposalMade)]
    assert not concerns_trust(spread)
    assert concerns_trust(
        replace(spread, legs=(replace(spread.legs[0], role=PositionRole.WEEKLY_PUT),))
    )


def test_shares_are_sized_to_what_the_symbol_may_take_of_the_sleeve() -> None:
    desk = stage(rulebook=constitution_text())
    desk.play(at(MONDAY, "08:00"))
    text = (FOLDER / "buy-and-hold.toml").read_text(encoding="utf-8")
    text = text.replace('symbols = ["SPY"]\n', "")
    on = StrategySwitched(F1_REV, "buy-and-hold@1.0", text, is_on=True, operator="anna")
    desk.play(at(TUESDAY, "16:30"), on)
    (lot,) = desk.state.book.positions_of(F1_REV)
    equity = desk.rules.account(desk.symbols[1].kind).capital_share * desk.capital
    assert Decimal("0.23") < lot.quantity * lot.price_average.per_unit / equity <= Decimal("0.25")
    assert all(met.passed for event in desk.all(ev.RiskJudged) for met in event.comparisons)
