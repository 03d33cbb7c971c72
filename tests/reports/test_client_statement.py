from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import Mode
from allusedesk.domain.instruments import Stock
from allusedesk.journal.read_side import ReadSide
from allusedesk.reports.client.glossary import glossary_section, texts_of
from allusedesk.reports.client.record import AccountUnknown
from allusedesk.reports.client.statement import build_client_statement
from allusedesk.reports.csv_export import as_csv
from allusedesk.reports.kinds import ReportKind, period_named
from allusedesk.reports.statement import (
    KeyFigures,
    Paragraph,
    Statement,
    Table,
)
from tests.reports.client_desk import COM, GEN, REV, ClientDesk, call, put, usd
from tests.reports.client_words_of_trade import assert_explained

MONDAY, FRIDAY = date(2024, 3, 4), date(2024, 3, 15)
MSFT = Stock("MSFT")


def made(side: ReadSide, period: str, account: str = "F1.rev", by: str = "") -> Statement:
    return build_client_statement(side, period_named(side, ReportKind.CLIENT, period), account, by)


def of_desk(
    desk: ClientDesk, folder: Path, period: str = "2024-03", account: str = "F1.rev"
) -> Statement:
    with desk.side(folder) as side:
        return made(side, period, account)


def text_of(statement: Statement) -> str:
    return "\n".join(texts_of(statement.sections))


def table(statement: Statement, title: str) -> Table:
    found = [
        block
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title == title
    ]
    assert len(found) == 1, title
    return found[0]


def figure(statement: Statement, label: str) -> Any:
    found = {
        one.label: one.value
        for section in statement.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for one in block.figures
    }
    return found[label]


def sold_put(end: Callable[[ClientDesk, Any], object]) -> ClientDesk:
    """One put sold for 312 dollars, and what became of it."""
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    lot = desk.trade(REV, put("130", FRIDAY), -1, "3.12", "0.65", mid="3.15")
    desk.close(MSFT="131", MSFT_130_put="3.10")
    end(desk, lot)
    return desk


def test_a_put_that_expired_is_one_sentence_with_its_own_numbers(tmp_path: Path) -> None:
    def end(desk: ClientDesk, _: Any) -> None:
        desk.on(FRIDAY).look(MSFT="129.90").close(MSFT="133.20")
        desk.on(date(2024, 3, 18)).expired(put("130", FRIDAY), -1).close(MSFT="133")

    statement = of_desk(sold_put(end), tmp_path)
    (row,) = table(statement, "Promises to buy").rows
    assert row[1] == (
        "On 4 March 2024 you were paid $312 for promising to buy 100 shares of MSFT at $130 each "
        "until 15 March. On 15 March the price was $133.20, above $130, so nobody held you to it "
        "and the $312 stayed yours."
    )
    assert row[2] == usd(312)
    assert figure(statement, "Gained or lost") == usd("311.35")
    assert figure(statement, "Costs") == usd("0.65")
    assert figure(statement, "Spread given up") == usd(3)
    assert "You made 1 promise in this time and were paid $312 for it" in text_of(statement)
    assert "This is a rehearsal" not in text_of(statement)


def test_an_order_that_filled_in_parts_is_one_promise(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    lot = desk.trade(REV, put("130", FRIDAY), -1, "3.12")
    desk.trade(REV, put("130", FRIDAY), -2, "3.15", adds_to=lot)
    statement = of_desk(desk.close(MSFT="131", MSFT_130_put="3"), tmp_path)
    (row,) = table(statement, "Promises to buy").rows
    assert "you were paid $942 for promising to buy 300 shares" in str(row[1])
    # Three times 13,000 that would have had to be paid, less 900 owed for being free of it.
    assert figure(statement, "Most that was at risk") == usd(38100)


def test_an_assigned_put_tells_what_the_shares_were_worth(tmp_path: Path) -> None:
    def end(desk: ClientDesk, _: Any) -> None:
        desk.on(FRIDAY).close(MSFT="121.50", MSFT_130_put="8.60")
        desk.on(date(2024, 3, 18)).assigned(put("130", FRIDAY), 1).close(MSFT="120")

    statement = of_desk(sold_put(end), tmp_path)
    (row,) = table(statement, "Promises to buy").rows
    assert str(row[1]).endswith(
        "On 15 March the price was $121.50, below $130, so you were held to it: you bought 100 "
        "shares of MSFT for $13,000, $850 more than they were worth that day. Here only the $312 "
        "you had been paid is counted."
    )
    text = text_of(statement)
    assert "1 you were held to, so that shares changed hands" in text
    assert "you paid $850 more, or received so much less" in text
    assert figure(statement, "Gained or lost") == usd("-688.65")
    assert "So it lost $688.65" in text
    (_, shares) = table(statement, "Cash, shares, promises and rights").rows
    assert shares == ("Shares of MSFT", 100, *shares[2:3], usd(12000))


def test_a_loss_is_called_one(tmp_path: Path) -> None:
    def end(desk: ClientDesk, lot: Any) -> None:
        desk.on(date(2024, 3, 6))
        desk.trade(REV, put("130", FRIDAY), 1, "5.00", "0.65", closes=lot)
        desk.close(MSFT="126")

    statement = of_desk(sold_put(end), tmp_path)
    (row,) = table(statement, "Promises to buy").rows
    assert str(row[1]).endswith(
        "On 6 March you paid $500 to be free of it: $188 more than you had been paid, a loss."
    )
    assert "The worst of them lost $188." in text_of(statement)
    assert "1 ended: 1 left you with less." in text_of(statement)


def test_what_is_still_promised_comes_next(tmp_path: Path) -> None:
    desk = sold_put(lambda desk, _: desk.on(date(2024, 3, 6)).close(MSFT="128", MSFT_130_put="4"))
    statement = of_desk(desk, tmp_path)
    (row,) = table(statement, "Promises still open").rows
    assert row == (
        FRIDAY,
        (
            "Until 15 March you may have to buy 100 shares of MSFT at $130 each. You were paid "
            "$312 for it. To be free of it at that close would have cost $400, so you would have "
            "lost $88."
        ),
    )
    text = text_of(statement)
    assert "1 promise was still open." in text
    assert "you would pay $13,000" in text
    assert "None has ended yet." in text


def test_shares_that_are_called_away(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    shares = desk.trade(COM, MSFT, 100, "120.00", "0.50")
    desk.trade(COM, call("125", FRIDAY), -1, "1.10", "0.65", covers=shares)
    desk.close(MSFT="121").on(FRIDAY).close(MSFT="127", MSFT_125_call="2")
    desk.on(date(2024, 3, 18)).assigned(call("125", FRIDAY), 1).close(MSFT="127")
    statement = of_desk(desk, tmp_path, account="F1.com")
    (row,) = table(statement, "Promises to sell").rows
    assert "so you were held to it: you sold 100 shares of MSFT for $12,500, $200 less" in str(row)
    _, gone = table(statement, "Shares that came and went").rows
    assert gone[1:] == (
        (
            "100 shares of MSFT were called away for $12,500 ($125 each); they had cost you "
            "$12,000, so you gained $500."
        ),
        usd(500),
    )
    assert "no shares stood ready" not in text_of(statement)


def test_promises_without_shares_say_so(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    desk.trade(REV, call("140", FRIDAY), -1, "1.10")
    desk.trade(REV, call("145", FRIDAY), 1, "0.40")
    assert "For some of these promises no shares stood ready" in text_of(
        of_desk(desk.close(MSFT="130"), tmp_path)
    )


def test_nothing_happened(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 2, 1)).on(date(2024, 2, 5)).close().on(MONDAY).close()
    statement = of_desk(desk, tmp_path)
    text = text_of(statement)
    for said in (
        "So it neither gained nor lost anything.",
        "You promised nothing to anybody in this time.",
        "Nothing was traded and nothing was charged.",
        "No money came into the account from outside, and none left it.",
        "Nothing was at risk: at every close the account held only cash.",
        "On none of 1 day did the account lose anything.",
        "At the end you owed nobody anything: no promise was open.",
    ):
        assert said in text
    assert figure(statement, "Gained or lost") == usd(0)


def test_rights_and_an_index(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    index = put("500", date(2024, 6, 21), "XSP")
    kept = call("140", date(2024, 3, 22))
    lost = put("110", FRIDAY)
    lot = desk.trade(REV, index, 2, "4.00")
    desk.trade(REV, kept, 1, "2.00")
    desk.trade(REV, lost, 1, "0.50")
    desk.close(MSFT="130").on(FRIDAY).close(MSFT="131")
    desk.on(date(2024, 3, 18)).expired(lost, 1)
    desk.trade(REV, index, -1, "5.00", closes=lot)
    desk.close(MSFT="131")
    desk.on(date(2024, 3, 22)).close(MSFT="150")
    desk.on(date(2024, 3, 25)).exercised(kept, 1).close(MSFT="150")
    rows = {str(row[1]): row[2] for row in table(of_desk(desk, tmp_path), "Rights").rows}
    assert rows == {
        "On 4 March 2024 you paid $800 for the right to be paid $200 for each point the index XSP "
        "stands below 500 on 21 June. On 18 March you sold 100 of them for $500 and so gained "
        "$100. It still stood at the end of this statement for 100 of them: see What you have "
        "now.": usd(100),
        "On 4 March 2024 you paid $200 for the right to buy 100 shares of MSFT at $140 each until "
        "22 March. On 22 March the price was $150, above $140, so the right was used: you bought "
        "100 shares of MSFT for $14,000, $1,000 less than they were worth that day. Here only the "
        "$200 the right had cost is counted.": usd(-200),
        "On 4 March 2024 you paid $50 for the right to sell 100 shares of MSFT at $110 each until "
        "15 March. On 15 March the price was $131, above $110, so it ended without use and the $50 "
        "it had cost was lost.": usd(-50),
    }


def test_an_index_brings_money_instead_of_shares(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    written, bought = put("500", FRIDAY, "XSP"), put("490", FRIDAY, "XSP")
    desk.trade(REV, written, -1, "5.00")
    desk.trade(REV, bought, 1, "2.00")
    desk.close(XSP="505").on(FRIDAY).close(XSP="486")
    desk.on(date(2024, 3, 18)).settled(written, -1, "14").settled(bought, 1, "4").close(XSP="486")
    statement = of_desk(desk, tmp_path)
    (promise,), (right,) = (
        table(statement, "Promises to buy").rows,
        table(statement, "Rights").rows,
    )
    assert promise[1:] == (
        (
            "On 4 March 2024 you were paid $500 for promising to pay $100 for each point the index "
            "XSP stands below 500 on 15 March. On 15 March the index stood at 486, below 500, so "
            "you had to pay $1,400; with the $500 you had been paid, you lost $900."
        ),
        usd(-900),
    )
    assert str(right[1]).endswith(
        "On 15 March the index stood at 486, below 490, so you were paid $400; less its cost of "
        "$200, you gained $200."
    )
    assert figure(statement, "Gained or lost") == usd(-700)


def test_money_in_and_out_forks_and_merges(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 2, 1)).on(date(2024, 2, 5)).close().on(MONDAY).close()
    bases = {AccountKind.GENERATION: usd(20000), AccountKind.COMPOUNDING: usd(20000)}
    desk.on(date(2024, 3, 6)).family("F2", bases, "fork", GEN).close()
    desk.on(date(2024, 3, 8)).cash(GEN, "5000", "deposit").cash(REV, "-700", "withdrawal")
    desk.cash(REV, "-12.50", "fee of the exchange").cash(REV, "3.25", "interest").close()
    desk.on(date(2024, 3, 12)).merge("F2", COM).close().on(date(2024, 4, 2)).close()
    with desk.side(tmp_path) as side:
        home, away = made(side, "2024-03", "F1"), made(side, "2024-03", "F2")
        early = made(side, "2024-W10", "F2")
        with pytest.raises(AccountUnknown, match="was not open in 2024-04"):
            made(side, "2024-04", "F2")
    rows = table(home, "Each time").rows
    assert [row[1:] for row in rows] == [
        ("Went to the new account F2", usd(-40000)),
        ("You paid in", usd(5000)),
        ("You took out", usd(-700)),
        ("Came home from account F2, which was closed", usd(40000)),
    ]
    assert figure(home, "Paid in less taken out") == usd(4300)
    assert figure(home, "Gained or lost") == usd("-9.25")
    assert figure(home, "Costs") == usd("12.50")
    assert "Other fees came to $12.50. Interest of $3.25 was paid to you." in text_of(home)
    assert figure(away, "Worth at the end") == usd(0)
    assert figure(away, "Gained or lost") == usd(0)
    assert "Account F2 was closed: everything in it was sold, and $40,000" in text_of(away)
    assert figure(early, "Worth at the end") == usd(40000)


def test_a_split_changes_no_money(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY)
    desk.trade(REV, MSFT, 100, "120.00")
    desk.trade(REV, call("130", date(2024, 4, 19)), -1, "2.00")
    desk.close(MSFT="120")
    desk.on(date(2024, 3, 6)).split("MSFT", "2").close(MSFT="60")
    statement = of_desk(desk, tmp_path)
    assert figure(statement, "Gained or lost") == usd(0)
    (row,) = table(statement, "Promises to sell").rows
    assert "promising to sell 200 shares of MSFT at $65 each" in str(row[1])
    assert "These are the numbers after a split of the share." in str(row[1])
    assert "there was a split of MSFT" in text_of(statement)


def test_odd_names_are_written_as_they_are(tmp_path: Path) -> None:
    odd = '=cmd|"<b>R&D</b> Ωμέγα 株式'
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY).cash(REV, "10", odd).close()
    with desk.side(tmp_path) as side:
        statement = made(side, "2024-03", by='Zoë <&"> Жук')
    assert table(statement, "Each time").rows[-1][1] == odd
    assert 'because Zoë <&"> Жук, who is responsible' in text_of(statement)
    assert "'=cmd" in as_csv(statement)


def test_targets_are_shown_only_where_somebody_switched_them_on(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY).close()
    with desk.side(tmp_path) as side:
        plain, asked = made(side, "2024-03"), made(side, "2024-03", by="Ada")
    assert "arget" not in text_of(plain)
    assert "Target of a week" in text_of(asked)
    for word in ("projection", "backtest", "forecast"):
        assert word not in text_of(asked).lower()


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Mode.REHEARSAL, "This is a rehearsal: no real money"),
        (Mode.PAPER, "This is a paper account"),
    ],
)
def test_practice_says_so_first(tmp_path: Path, mode: Mode, said: str) -> None:
    desk = ClientDesk(date(2024, 3, 1), mode=mode).on(MONDAY).close(is_modelled=True)
    statement = of_desk(desk, tmp_path)
    first = statement.sections[0].blocks[0]
    assert isinstance(first, Paragraph)
    assert first.text.startswith(said)
    assert "Figures marked modelled rest" in text_of(statement)


def test_an_account_nobody_has_is_refused(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1)).on(MONDAY).close()
    with desk.side(tmp_path) as side:
        with pytest.raises(AccountUnknown, match=r"'F7': write one of F1, F1\.com"):
            made(side, "2024-03", "F7")
        assert made(side, "2024-03", "").title == "Statement of account F1"


def test_a_negative_year_over_its_ends(tmp_path: Path) -> None:
    desk = ClientDesk(date(2023, 11, 1)).on(date(2023, 12, 27))
    contract = put("130", date(2024, 1, 19))
    lot = desk.trade(REV, contract, -5, "3.00", "3.25")
    desk.close(MSFT="131", MSFT_130_put="3.50")
    desk.on(date(2024, 1, 8))
    desk.trade(REV, contract, 2, "9.00", "1.30", closes=lot)
    desk.close(MSFT="120", MSFT_130_put="11")
    with desk.side(tmp_path) as side:
        before, after = made(side, "2023"), made(side, "2024")
    assert figure(before, "Gained or lost") == usd("-253.25")
    assert figure(after, "Gained or lost") == usd("-3351.30")
    (row,) = table(after, "Promises to buy").rows
    assert str(row[1]).startswith(
        "From before: on 27 December 2023 you had been paid $1,500 for promising to buy 500 shares"
    )
    assert "to be free of 200 of them: $1,200 more than you had been paid, a loss" in str(row[1])
    assert "no promises in this time; 1 older one still stood" in text_of(after)
    assert "each $100 became $96.64" in text_of(after)


def test_every_word_of_a_busy_month_is_explained(tmp_path: Path) -> None:
    desk = ClientDesk(date(2024, 3, 1), mode=Mode.REHEARSAL).on(MONDAY)
    desk.trade(REV, put("130", FRIDAY), -2, "3.12", "1.30")
    desk.trade(COM, MSFT, 100, "120", "0.50")
    desk.trade(COM, call("125", FRIDAY), -1, "1.10", "0.65")
    desk.trade(GEN, put("500", date(2024, 6, 21), "XSP"), 1, "4", "0.65")
    desk.dividend(COM, "75").cash(GEN, "100", "deposit").cash(REV, "-2", "fee").close(MSFT="120")
    desk.on(date(2024, 3, 18)).assigned(put("130", FRIDAY), 2).assigned(call("125", FRIDAY), 1)
    desk.close(is_modelled=True, MSFT="127").on(date(2024, 3, 19)).split("MSFT", "2").close()
    assert_explained(of_desk(desk, tmp_path, account="F1"))


def test_a_word_that_explains_another_is_explained_too() -> None:
    (words,) = glossary_section([], "premiums").blocks
    assert isinstance(words, Table)
    assert [row[0] for row in words.rows] == ["option", "premium", "share"]
    assert words.row_anchors == ("word-option", "word-premium", "word-share")
