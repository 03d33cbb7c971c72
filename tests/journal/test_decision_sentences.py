from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import AccountId
from allusedesk.domain.events import (
    BreakerTripped,
    EntriesWeighed,
    LevelChanged,
    OutcomeClassified,
    ProposalMade,
    RecoveryBegun,
    SleeveFrozen,
)
from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.money import Price
from allusedesk.domain.proposals import Comparison, ProposalKind, TurnedDown
from allusedesk.domain.weeks import WeekId
from allusedesk.journal.words.sentences import describe
from tests.trading import proposal

GEN, LOT, WEEK = AccountId("F1.gen"), PositionId("2020-W09/F1.gen/P35/O1/L0"), WeekId(2020, 9)


def test_a_breaker_tells_the_level_it_passed_and_what_follows() -> None:
    levels = (
        Comparison("VIX", "52.05", "hedged above 50", passed=True),
        Comparison("VIX", "52.05", "safe above 65", passed=False),
    )
    said = describe(BreakerTripped("hedged", "breaker.vix.hedged", levels))
    assert "since VIX 52.05 (hedged above 50): sizes are halved" in said
    assert "safe above 65" not in said


def test_a_question_names_no_trade_and_no_money() -> None:
    question = replace(
        proposal(),
        kind=ProposalKind.RESUME,
        reason="Go on?",
        comparisons=(),
        amounts=(),
        most_earnable=None,
    )
    said = describe(ProposalMade(question))
    assert said == f"{question.id} proposes resume under {question.rule}: Go on?"


def test_an_entry_tells_what_it_can_earn_beside_its_target_and_its_delta() -> None:
    held = (
        Comparison("entry day", "2020-02-27", "one of 2020-02-27", passed=True),
        Comparison("delta", "41.5", "40 to 45", passed=True),
    )
    made = replace(
        proposal(),
        comparisons=held,
        most_earnable=Decimal("0.0090"),
        target=Decimal("0.015"),
    )
    said = describe(ProposalMade(made))
    assert "at most 0.90% of what it ties up; the weekly target is 1.50%." in said
    assert "Held against the rules: delta 41.5 (40 to 45)." in said


def test_a_candidate_turned_down_tells_the_figure_and_its_limit() -> None:
    down = (
        TurnedDown("AAPL", "lot.unaffordable", "one lot needs a sleeve of 858002.6", "a lot", ""),
        TurnedDown("MSFT puts", "entry.delta", "outside the band", "27 and 46", "40 to 45", 9),
        TurnedDown("AMZN", "freeze.entries", "recovery.freeze"),
        TurnedDown("IBM", "freeze.entries", "breaker.safe"),
    )
    said = describe(EntriesWeighed(GEN, WEEK, (), down, Decimal("0.015")))
    assert "one lot needs a sleeve of 858,002.60: a lot" in said
    assert "MSFT puts by entry.delta (outside the band: 27 and 46, 40 to 45; 9 of them)" in said
    assert "GBR-4 froze its entries until a person resumes them" in said
    assert "IBM by freeze.entries (breaker safe stands: nothing new is entered)" in said


def test_a_level_tells_the_price_it_is_measured_from() -> None:
    atr, spot = Decimal("8.2366"), Price(Decimal("156.45"))
    said = describe(LevelChanged(LOT, "L0", "L1", Decimal("1.03805"), atr, spot))
    assert said.endswith("price 156.45 is 1.04 true ranges of 8.24 under 165.00.")
    back = describe(LevelChanged(LOT, "L1", "L0", Decimal("-0.5"), atr, spot))
    assert back.endswith("0.50 true ranges of 8.24 over 152.33.")


def test_an_outcome_tells_the_figures_it_was_measured_by() -> None:
    fall = Comparison("fall", "0.0429466", "in (0, 0.05]", passed=True)
    said = describe(OutcomeClassified(GEN, WEEK, LOT, "P-AWL", "final", (fall,), "take the shares"))
    assert said.endswith("ended as P-AWL (final; fall 4.29% (above 0% to 5%)): take the shares.")
    closed = describe(OutcomeClassified(GEN, WEEK, LOT, "P-EW", "closed", (), ""))
    assert closed.endswith("ended as P-EW (closed).")


def test_a_stopped_sleeve_tells_who_lets_it_go_on() -> None:
    assert "until a person resumes" in describe(SleeveFrozen(GEN, "recovery.freeze"))
    assert "a person must reset" in describe(SleeveFrozen(GEN, "level.L3"))


def test_a_recovery_tells_until_when_its_terms_hold() -> None:
    said = describe(RecoveryBegun(GEN, LOT, date(2020, 3, 23)))
    assert "until 2020-03-23 its cash buffer is raised" in said
