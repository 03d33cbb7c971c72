from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain import events as told
from allusedesk.domain.inputs import Mode
from allusedesk.domain.instruments import Stock
from allusedesk.domain.money import NOTHING, Money
from allusedesk.journal.read_side import ReadSide
from allusedesk.portfolio.tax_lots import LotChoice
from allusedesk.reports.client.glossary import texts_of
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.kinds import PeriodUnknown, ReportKind, period_named
from allusedesk.reports.paper.pdf import printed
from allusedesk.reports.statement import KeyFigures, Statement, Table
from allusedesk.reports.tax.statement import build_tax_statement
from tests.reports.client_desk import COM, GEN, REV, ROOT, ClientDesk, call, put, usd
from tests.reports.drawn import page_texts

MSFT = Stock("MSFT")


def made(side: ReadSide, year: str, choice: LotChoice = LotChoice.FIFO) -> Statement:
    return build_tax_statement(side, period_named(side, ReportKind.TAX, year), choice)


def of_desk(desk: ClientDesk, folder: Path, year: str) -> Statement:
    with desk.side(folder) as side:
        return made(side, year)


def table(statement: Statement, title: str) -> Table:
    found = [
        block
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title.startswith(title)
    ]
    assert len(found) == 1, title
    return found[0]


def column(statement: Statement, title: str, name: str) -> list[Any]:
    shown = table(statement, title)
    place = [one.title for one in shown.columns].index(name)
    return [row[place] for row in shown.rows]


def figure(statement: Statement, label: str) -> Any:
    found = {
        one.label: one.value
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for one in block.figures
    }
    return found[label]


def text_of(statement: Statement) -> str:
    return "\n".join(texts_of(statement.sections))


# Publication 550, "More or less stock bought than sold", its first example.
def test_less_bought_again_than_sold_over_the_year_end(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 9, 1)).on(date(2023, 9, 25))
    first = desk.trade(REV, MSFT, 100, "50")
    desk.on(date(2023, 12, 21))
    desk.trade(COM, MSFT, 50, "55")
    desk.on(date(2023, 12, 26))
    desk.trade(GEN, MSFT, 25, "45")
    desk.on(date(2023, 12, 29)).close(MSFT="45").on(date(2024, 1, 4))
    desk.trade(REV, MSFT, -100, "40", closes=first)
    statement = of_desk(desk.close(MSFT="40"), tmp_path, "2024")
    rows = table(statement, "Part I, box A").rows
    adjusted = [(row[5], row[6], row[7]) for row in rows]
    assert adjusted == [("W", usd(750), usd(-250))]
    assert column(statement, "What was deferred", "Deferred of it") == [usd(500), usd(250)]
    assert column(statement, "What was deferred", "Acquired") == [
        date(2023, 12, 21),
        date(2023, 12, 26),
    ]
    lots = zip(
        column(statement, "Lots", "Cost"), column(statement, "Lots", "Deferred losses"), strict=True
    )
    assert [cost + deferred for cost, deferred in lots] == [usd(3250), usd(1375)]
    assert figure(statement, "Deferred by wash sales") == usd(750)
    assert "750.00 USD still waited at the end of the year" in text_of(statement)


# The second example of the same heading.
def test_more_bought_again_than_sold(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 9, 1)).on(date(2023, 9, 25))
    first = desk.trade(REV, MSFT, 100, "50")
    desk.close(MSFT="50").on(date(2024, 2, 1))
    desk.trade(REV, MSFT, -100, "40", closes=first)
    for day in (12, 13, 14, 15):
        desk.on(date(2024, 2, day))
        desk.trade(COM, MSFT, 50, "41")
    statement = of_desk(desk.close(MSFT="41"), tmp_path, "2024")
    assert [row[7] for row in table(statement, "Part I, box A").rows] == [NOTHING]
    assert column(statement, "Lots", "Deferred losses") == [usd(500), usd(500), usd(0), usd(0)]


def test_a_loss_of_december_goes_into_what_january_bought(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 12, 1)).on(date(2023, 12, 4))
    first = desk.trade(REV, MSFT, 100, "50")
    desk.on(date(2023, 12, 20))
    desk.trade(REV, MSFT, -100, "40", closes=first)
    desk.close(MSFT="40").on(date(2024, 1, 8))
    desk.trade(COM, MSFT, 100, "42")
    desk.close(MSFT="42").on(date(2024, 2, 20)).close(MSFT="42")
    with desk.side(tmp_path) as side:
        old, new = made(side, "2023"), made(side, "2024")
    assert figure(old, "Deferred by wash sales") == usd(1000)
    assert figure(old, "Together") == usd(0)
    assert "1,000.00 USD went into what was bought only after the end of the year" in text_of(old)
    assert table(old, "Lots").rows == ()
    assert column(new, "Lots", "Deferred losses") == [usd(1000)]
    assert "No row belongs on Form 8949 this year." in text_of(new)


def test_what_waits_in_an_open_lot_waits_once(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(date(2024, 3, 4))
    first = desk.trade(REV, MSFT, 100, "50")
    desk.on(date(2024, 3, 11))
    desk.trade(REV, MSFT, -100, "40", closes=first)
    desk.on(date(2024, 3, 18))
    desk.trade(REV, MSFT, 100, "41")
    statement = of_desk(desk.close(MSFT="41"), tmp_path, "2024")
    assert "Of those and older ones 1,000.00 USD still waited" in text_of(statement)


# Publication 550, "Puts and Calls": ten calls for 4,000 that nobody exercised.
def test_options_that_expire_worthless(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 5, 1)).on(date(2023, 5, 8))
    written, held = put("90", date(2023, 12, 15)), call("110", date(2023, 12, 15))
    desk.trade(REV, written, -10, "4.00")
    desk.trade(REV, held, 10, "4.00")
    desk.close(MSFT="100").on(date(2023, 12, 18)).expired(written, -10).expired(held, 10)
    statement = of_desk(desk.close(MSFT="100"), tmp_path, "2023")
    rows = {row[0]: (row[1], row[2], row[7]) for row in table(statement, "Part I, box A").rows}
    assert rows == {
        "10 MSFT 2023-12-15 90 put (written)": (date(2023, 12, 18), date(2023, 5, 8), usd(4000)),
        "10 MSFT 2023-12-15 110 call": (date(2023, 5, 8), date(2023, 12, 18), usd(-4000)),
    }


def test_what_is_written_in_one_year_and_ends_in_the_next_counts_in_the_next(
    tmp_path: Path,
) -> None:
    desk = ClientDesk(date(2023, 12, 1)).on(date(2023, 12, 27))
    lot = desk.trade(REV, put("130", date(2024, 1, 19)), -1, "3.00", "0.65")
    desk.close(MSFT="131").on(date(2024, 1, 10))
    desk.trade(REV, put("130", date(2024, 1, 19)), 1, "1.00", "0.65", closes=lot)
    with desk.close(MSFT="135").side(tmp_path) as side:
        old, new = made(side, "2023"), made(side, "2024")
    assert "Nothing was sold, bought back, expired or delivered in 2023." in text_of(old)
    assert column(old, "Lots", "Cost") == [usd("-299.35")]
    assert figure(new, "Short-term") == usd("198.70")


def test_premiums_go_with_the_shares_they_were_delivered_with(tmp_path: Path) -> None:
    desk = ClientDesk(date(2022, 1, 3)).on(date(2022, 1, 4))
    desk.trade(REV, put("130", date(2022, 1, 21)), -1, "3.00")
    desk.close(MSFT="120").on(date(2022, 1, 24)).assigned(put("130", date(2022, 1, 21)), 1)
    desk.close(MSFT="120").on(date(2023, 6, 5))
    desk.trade(REV, call("140", date(2023, 6, 16)), -1, "2.00")
    desk.close(MSFT="141").on(date(2023, 6, 20)).assigned(call("140", date(2023, 6, 16)), 1)
    statement = of_desk(desk.close(MSFT="141"), tmp_path, "2023")
    (row,) = table(statement, "Part II, box D").rows
    assert row[:5] == ("100 MSFT", date(2022, 1, 24), date(2023, 6, 20), usd(14200), usd(12700))
    assert figure(statement, "Long-term") == usd(1500)


@pytest.mark.parametrize(
    ("year", "shares", "options"), [(2010, "B", "C"), (2012, "A", "C"), (2014, "A", "A")]
)
def test_boxes_follow_what_brokers_report(
    tmp_path: Path, year: int, shares: str, options: str
) -> None:
    desk = ClientDesk(date(year, 2, 1)).on(date(year, 2, 2))
    stock = desk.trade(REV, MSFT, 100, "50")
    option = desk.trade(REV, put("45", date(year, 6, 18)), -1, "2")
    desk.close(MSFT="50").on(date(year, 5, 4))
    desk.trade(REV, MSFT, -100, "51", closes=stock)
    desk.trade(REV, put("45", date(year, 6, 18)), 1, "1", closes=option)
    statement = of_desk(desk.close(MSFT="51"), tmp_path, str(year))
    by_form = column(statement, "By form and box", "Form")
    assert by_form == [f"Form 8949, box {box}" for box in sorted({shares, options})]


def test_index_options_go_sixty_to_forty_and_are_marked_at_the_years_end(tmp_path: Path) -> None:
    index = put("500", date(2024, 6, 21), "XSP")
    desk = ClientDesk(date(2023, 11, 1)).on(date(2023, 12, 1))
    lot = desk.trade(REV, index, 2, "10")
    desk.on(date(2023, 12, 29)).close(XSP_500_put="14").on(date(2024, 2, 5))
    desk.trade(REV, index, -2, "13", closes=lot)
    with desk.close().side(tmp_path) as side:
        old, new = made(side, "2023"), made(side, "2024")
    assert (figure(old, "Short-term"), figure(old, "Long-term")) == (usd(320), usd(480))
    assert (figure(new, "Short-term"), figure(new, "Long-term")) == (usd(-80), usd(-120))
    assert column(old, "Contracts", "Ended") == ["marked at year end"]
    assert "Of +800.00 USD, +480.00 count as long-term and +320.00 as short-term" in text_of(old)


def test_dividends_interest_and_what_was_set_aside(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 1, 2), rulebook="constitution", mode=Mode.PAPER)
    desk.on(date(2024, 2, 5))
    short = desk.trade(REV, MSFT, 100, "50", "1.25")
    desk.trade(COM, Stock("IBM"), 100, "100")
    desk.close(MSFT="50").on(date(2024, 2, 14)).dividend(REV, "75")
    desk.on(date(2024, 2, 20))
    desk.trade(REV, MSFT, -100, "60", "1.25", closes=short)
    desk.cash(REV, "3.50", "interest").cash(REV, "-2", "fee").close().on(date(2024, 5, 14))
    desk.dividend(COM, "166", "IBM")
    desk.tell(told.GainReinvested(REV, "2024-Q1", usd(1000), usd(300), usd(525), usd(175)))
    statement = of_desk(desk.close(), tmp_path, "2024")
    assert column(statement, "Dividends", "Kind") == ["ordinary", "unknown"]
    assert figure(statement, "Dividends") == usd(241)
    assert column(statement, "Interest and fees", "Amount") == [usd("3.50"), usd(-2)]
    assert figure(statement, "Set aside for taxes") == usd(300)
    text = text_of(statement)
    # Thirty in a hundred of 997.50 gained, 241 of dividends and 3.50 of interest.
    assert "(1,242.00 USD) would ask for 372.60 USD; 300.00 USD was set aside, " in text
    assert "Commissions of 2.50 USD are already in the rows" in text
    assert "No real money was used, so nothing of it is owed." in text


def test_it_says_estimate_on_every_page_and_takes_odd_names(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 1, 2)).on(date(2024, 2, 5))
    for number in range(60):
        lot = desk.trade(REV, put(str(40 + number), date(2024, 3, 15)), -1, "2")
        desk.trade(REV, put(str(40 + number), date(2024, 3, 15)), 1, "1", closes=lot)
    desk.cash(REV, "-1", '=fee of <"R&D"> Жук 株').close()
    statement = of_desk(desk, tmp_path, "2024")
    pages = page_texts(printed(statement, ROOT / "resources" / "fonts"))
    assert len(pages) > 2
    assert all("estimate, ask your adviser" in page for page in pages)
    assert '\'=fee of <""R&D""> Жук 株' in as_csv(statement)
    assert statement.standing.value == "provisional"


def test_a_year_nobody_lived_is_refused(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 1, 2)).on(date(2024, 2, 5)).close()
    with desk.side(tmp_path) as side, pytest.raises(PeriodUnknown, match="2031"):
        made(side, "2031")


def written(folder: Path, trades: int) -> ClientDesk:
    """So many puts sold and bought back, each tenth of them at a loss and written again."""
    desk = ClientDesk(date(2024, 1, 2), capital="100000000")
    day = date(2024, 1, 8)
    for number in range(trades):
        if number % 50 == 0:
            desk.on(day + timedelta(days=number // 50))
        contract = put(str(100 + number % 40), date(2024, 12, 20))
        lot = desk.trade(REV, contract, -1, "2.00", "0.65")
        price = "3.00" if number % 10 == 0 else "1.00"
        desk.trade(REV, contract, 1, price, "0.65", closes=lot)
    return desk.close()


@pytest.mark.long
def test_five_thousand_lots_add_up_and_are_drawn(tmp_path: Path) -> None:
    trades = 5000
    with written(tmp_path, trades).side(tmp_path) as side:
        statement = made(side, "2024")
    rows = table(statement, "Part I, box A").rows
    assert len(rows) == trades
    gain = sum(
        (one.amount for one in column(statement, "By form and box", "Gain or loss")), Decimal(0)
    )
    earned = trades * (Decimal(100) - Decimal("1.30")) - trades // 10 * 200
    left = sum(
        (lot.amount for lot in column(statement, "What was deferred", "Deferred of it")), Decimal(0)
    )
    assert figure(statement, "Deferred by wash sales") == Money(left)
    assert gain == earned + figure(statement, "Deferred by wash sales").amount - replaced(rows)
    assert len(page_texts(printed(statement, ROOT / "resources" / "fonts"))) > 50


def replaced(rows: tuple[tuple[Any, ...], ...]) -> Decimal:
    """What deferrals added to the cost of lots that ended since."""
    plain = {Decimal("100.65"), Decimal("300.65")}
    costs = [row[4].amount for row in rows]
    return sum((cost - max(one for one in plain if one <= cost) for cost in costs), Decimal(0))


def test_a_year_that_is_over_waits_for_purchases_of_january(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 12, 1)).on(date(2023, 12, 4)).close().on(date(2024, 1, 8)).close()
    with desk.side(tmp_path) as side:
        early = made(side, "2023")
    first = page_texts(printed(early, ROOT / "resources" / "fonts"))[0]
    assert "provisional, version 1: a purchase may still defer a loss" in first
    later = desk.on(date(2024, 2, 5)).close()
    folder = tmp_path / "later"
    folder.mkdir()
    with later.side(folder) as side:
        assert made(side, "2023").standing.value == "final"
