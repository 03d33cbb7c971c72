from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.domain.inputs import Mode
from allusedesk.reports.paper.page_frame import standing_text
from allusedesk.reports.statement import (
    Cell,
    Figure,
    KeyFigures,
    Number,
    Paragraph,
    Percent,
    Qualifier,
    Reference,
    Standing,
    Statement,
    Table,
)
from allusedesk.reports.weekly.statement import WeekUnknown, build_weekly_statement
from allusedesk.reports.wording import is_figure
from tests.reports.drawn import usd, weekly
from tests.reports.sample_week import Shape, written_week


def table(drawn: Statement, title: str) -> Table:
    return next(
        block
        for section in drawn.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title == title
    )


def column(found: Table, title: str, unit: str = "") -> list[Cell]:
    number = next(
        n
        for n, one in enumerate(found.columns)
        if one.title == title and (not unit or one.unit == unit)
    )
    return [row[number] for row in found.rows]


def figures(drawn: Statement) -> dict[str, Figure]:
    return {
        figure.label: figure
        for section in drawn.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for figure in block.figures
    }


def texts(drawn: Statement) -> str:
    return " ".join(
        block.text
        for section in drawn.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    )


def test_a_trade_stands_with_rule_approver_limit_mid_fill_and_costs(tmp_path: Path) -> None:
    orders = table(weekly(tmp_path, Shape()), "Orders that traded")
    row = dict(zip([one.title for one in orders.columns], orders.rows[0], strict=True))
    assert row["Sleeve"] == "F1 Rev"
    assert row["Order"] == Reference(
        "sell AAPL 2013-02-15 460 put", "course of 2013-W07/F1.rev/P0/O1"
    )
    assert (row["Wanted"], row["Filled"]) == (2, 2)
    assert str(row["Limit"]) == str(row["Fill"]) == "3.15"
    assert str(row["Mid at send"]) == "3.175"
    assert row["Costs"] == usd("1.30")
    assert row["Cash"] == usd("628.70")
    assert row["Can earn"] == Percent(Decimal("0.00685"))
    assert row["Target"] == Percent(Decimal("0.01"))
    assert row["Rule"] == "classic@1.0/entry.delta"
    assert row["Approved by"] == "policy all, Mon 11 Feb 09:46"
    assert row["Target in reach"] == "no"
    assert row["Held against the rules"] == "delta 34.8 (30 to 40)"


def test_realised_stands_against_target_and_unrealised_apart(tmp_path: Path) -> None:
    found = table(weekly(tmp_path, Shape()), "Realised against target by sleeve")
    assert column(found, "Sleeve") == ["F1 Gen", "F1 Rev", "F1 Com"]
    assert column(found, "Realised", "USD") == [usd("0"), usd("628.70"), usd("0")]
    assert column(found, "Target", "USD") == [usd("1800"), usd("900"), usd("450")]
    assert column(found, "Difference") == [usd("-1800"), usd("-271.30"), usd("-450")]
    assert column(found, "Unrealised") == [usd("0"), usd("0"), usd("0")]


def test_a_provisional_week_has_realised_nothing_yet_but_its_costs(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape(is_final=False))
    found = table(drawn, "Realised against target by sleeve")
    assert drawn.standing is Standing.PROVISIONAL
    assert column(found, "Realised", "USD")[1] == usd("-1.30")
    assert column(table(drawn, "Open positions"), "Quantity") == [-2]


def test_a_final_week_covers_what_the_broker_delivered_after_it(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape())
    found = table(drawn, "Assignments, expiries and dividends")
    assert (drawn.standing, drawn.version) == (Standing.FINAL, 2)
    assert column(found, "What") == ["expired without value"]
    assert column(found, "Realised") == [usd("630")]


def test_the_condition_stands_with_each_figure_it_was_decided_by(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape())
    assert figures(drawn)["Market condition"].value == "Green"
    assert figures(drawn)["May be deployed"].value == Percent(Decimal("0.95"))
    assert column(table(drawn, "Evidence"), "Value") == ["151.8", "12.94"]


def test_a_position_stands_with_its_deepest_level(tmp_path: Path) -> None:
    found = table(weekly(tmp_path, Shape()), "Positions that left the calmest level")
    assert column(found, "Position") == ["AAPL 2013-02-15 460 put"]
    assert column(found, "Deepest level") == ["prepare"]
    assert column(found, "Distance") == [Number(Decimal("1.13"))]
    assert column(found, "Steps") == [3]
    assert column(found, "Last level") == ["watch"]


def test_a_candidate_turned_down_stands_with_its_figures(tmp_path: Path) -> None:
    found = table(weekly(tmp_path, Shape()), "Candidates turned down, by rule")
    assert "AAPL 2013-02-14 445 put: 7.2% of mid: 0.072, 0.05" in column(found, "For example")


def test_searches_for_a_strike_tell_what_the_band_skipped(tmp_path: Path) -> None:
    found = table(weekly(tmp_path, Shape()), "Searches for a strike in the band of deltas")
    rows = dict(zip(column(found, "Sleeve"), column(found, "Skipped by the band"), strict=True))
    # Gen's one contract lay in its band, and its spread was too wide.
    assert rows == {"F1 Gen": Percent(Decimal(0)), "F1 Rev": Percent(Decimal(0))}


def test_outcomes_have_code_meaning_and_action_and_families_a_label(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape())
    found = table(drawn, "Outcome of each position")
    assert column(found, "Outcome") == ["P-EW", "W-IDL"]
    assert column(found, "Meaning") == ["put expires worthless", "idle"]
    assert column(found, "Action") == ["keep premium, sell again", "pause"]
    assert column(found, "Position")[0] == "AAPL 2013-02-15 460 put"
    assert table(drawn, "Label of each family's week").rows == (
        ("F1", "Calm-Income", "Earnings-Filter"),
    )


def test_what_was_skipped_is_said_in_plain_words(tmp_path: Path) -> None:
    found = table(weekly(tmp_path, Shape()), "Candidates turned down, by rule")
    words = dict(zip(column(found, "Rule"), column(found, "In plain words"), strict=True))
    assert words == {
        "liquidity.spread": "the spread between bid and ask is too wide",
        "earnings.before_expiry": "earnings are reported on or before expiry",
    }


def test_balances_stand_with_base_and_the_way_to_the_next_fork(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape())
    found = table(drawn, "Cash, positions and equity")
    assert column(found, "Base") == [usd("120000"), usd("90000"), usd("90000")]
    assert column(found, "Equity")[1] == usd("90570")
    assert column(found, "Most allowed")[0] == Percent(Decimal("0.15"))
    assert table(drawn, "Distance to the next fork or merge").rows == (
        ("F1 Gen forks", usd("0"), usd("50000"), usd("50000")),
    )


def test_data_notes_tell_the_modelled_share_and_what_was_dropped(tmp_path: Path) -> None:
    found = figures(weekly(tmp_path, Shape()))
    assert found["Quotes looked at"].value == 6
    assert found["Of them modelled"].value == Percent(Decimal(1))
    assert found["Quotes dropped"].value == 2
    assert found["Equity, USD"].qualifier is Qualifier.MODELLED


@pytest.mark.parametrize(
    ("trade", "mark", "realised", "equity"),
    [
        (False, False, Qualifier.MEASURED, Qualifier.MEASURED),
        (False, True, Qualifier.MEASURED, Qualifier.MODELLED),
        (True, False, Qualifier.MODELLED, Qualifier.MODELLED),
    ],
)
def test_a_figure_is_modelled_where_the_quotes_it_rests_on_were(
    tmp_path: Path, *, trade: bool, mark: bool, realised: Qualifier, equity: Qualifier
) -> None:
    # The look at the market saw modelled quotes each time: looking alone makes no figure of them.
    shape = Shape(is_trade_modelled=trade, is_mark_modelled=mark)
    drawn = weekly(tmp_path, shape)
    found = figures(drawn)
    assert found["Realised, USD"].qualifier is realised
    assert found["Equity, USD"].qualifier is equity
    targets = table(drawn, "Realised against target by sleeve")
    assert {one.qualifier for one in targets.columns if one.title == "Realised"} == {realised}
    said = "No trade and no balance of this week rests on a modelled quote"
    assert (said in texts(drawn)) is not (trade or mark)


def test_a_week_with_nothing_in_it_says_so(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape(is_empty=True))
    assert "Nothing happened in this week" in texts(drawn)
    assert "The market condition was not looked at" in texts(drawn)
    assert table(drawn, "Orders that traded").rows == ()
    assert figures(drawn)["Equity, USD"].qualifier is Qualifier.MEASURED


def test_every_column_of_figures_says_what_kind_they_are(tmp_path: Path) -> None:
    drawn = weekly(tmp_path, Shape())
    blocks = [block for section in drawn.sections for block in section.blocks]
    unsaid = [
        f"{block.title}: {one.title}"
        for block in blocks
        if isinstance(block, Table)
        for number, one in enumerate(block.columns)
        if one.qualifier is None and any(is_figure(row[number]) for row in block.rows)
    ]
    unsaid += [
        figure.label
        for figure in figures(drawn).values()
        if is_figure(figure.value) and figure.qualifier is None
    ]
    assert unsaid == []


def test_a_week_still_running_says_so(tmp_path: Path) -> None:
    with written_week(tmp_path, Shape(is_cut=False)) as side:
        drawn = build_weekly_statement(side, "2013-W07")
    assert (drawn.standing, drawn.version) == (Standing.PROVISIONAL, 0)
    assert standing_text(drawn) == "provisional: the period is still running"


def test_the_mode_is_that_of_the_journal(tmp_path: Path) -> None:
    assert weekly(tmp_path, Shape(mode=Mode.PAPER)).mode == "PAPER"


def test_an_unknown_week_is_refused_with_what_to_ask_for(tmp_path: Path) -> None:
    with (
        written_week(tmp_path, Shape()) as side,
        pytest.raises(WeekUnknown, match="holds no week 2019-W01, so there is nothing to report"),
    ):
        build_weekly_statement(side, "2019-W01")
