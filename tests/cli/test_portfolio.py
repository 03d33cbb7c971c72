from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allusedesk.cli.main import main
from allusedesk.wiring.choices import exchange_calendar
from tests.cli.conftest import REHEARSAL, Ran
from tests.house.sources import ROOT

Run = Callable[..., Ran]
SAMPLE = ROOT / "resources" / "sample_market" / "shares"
PRICES = f"--data {SAMPLE} --symbols AAPL,IBM,MSFT"
HELD = "--hold AAPL=900@91.50:2011-06-01 --hold IBM=100@191:2012-11-15 --cash 20000"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("weeks")
    words = REHEARSAL.replace("'", "").split()
    assert main([*words, "--out", str(out), "--json"]) == 0
    return out / "rehearsal.journal"


def test_weights_sum_to_one_with_their_cash_and_lots_are_counted(run: Run) -> None:
    ran = run(
        f"portfolio construct {PRICES} --method equal-weight --rulebook constitution --tier gen "
        "--capital 30000 --from 2010-01-04 --to 2012-12-31 --json"
    )
    assert ran.code == 0, ran.err
    answer = ran.answer
    parts = [Decimal(one["weight"]) for one in answer["weights"]]
    assert parts == [Decimal("0.25")] * 3
    assert all(one["is_capped"] for one in answer["weights"])
    assert Decimal(answer["cash"]) == Decimal("0.25")
    assert answer["last"] == "2012-12-31"
    assert [one["lots"] for one in answer["lots"]] == [0, 0, 2]
    needed = Decimal(answer["lots"][1]["equity_needed"])
    assert needed == Decimal(answer["lots"][1]["lot_cost"]) * 4
    assert any("place 75.00 % at most" in note for note in answer["notes"])


def test_what_bound_a_weight_and_what_it_lacks_is_printed(run: Run) -> None:
    ran = run(f"portfolio construct {PRICES} --method equal-weight --cap 0.2 --capital 50000")
    assert ran.code == 0, ran.err
    assert "AAPL    20.00 %" in ran.out
    assert "cap" in ran.out
    assert "needs " in ran.out
    assert "no forecast" in ran.out
    assert "20.00 % of equity (classic@1.0, whole desk)" in ran.out


def test_trades_show_cost_and_tax_and_say_why(run: Run) -> None:
    ran = run(f"portfolio rebalance {PRICES} --method equal-weight {HELD} --json")
    assert ran.code == 0, ran.err
    rows = {row["name"]: row for row in ran.answer["rows"]}
    assert rows["AAPL"]["shares_signed"] < 0
    assert Decimal(rows["AAPL"]["tax"]["long_gain"]) > 0
    assert Decimal(rows["AAPL"]["commission"]) > 0
    assert rows["MSFT"]["shares_signed"] > 0
    assert ran.answer["tax"] == "estimate, ask your adviser"
    printed = run(f"portfolio rebalance {PRICES} --method equal-weight --band 0.9 {HELD}")
    assert "AAPL: no trade, within the band of 90.00 %." in printed.out
    dear = run(
        f"portfolio rebalance {PRICES} --method equal-weight {HELD} --risk-aversion 0.001 "
        "--long-rate 0.5"
    )
    assert "AAPL: no trade, kept: it would cost " in dear.out


def test_a_journals_shares_are_rebalanced(run: Run, journal: Path) -> None:
    line = f"portfolio rebalance --data {SAMPLE} --symbols AAPL,MSFT --method equal-weight"
    ran = run(f"{line} --account F1.com --json --journal", journal)
    assert ran.code == 0, ran.err
    assert ran.answer["on"] == "2012-01-13"
    assert Decimal(ran.answer["equity"]) > 100_000
    rows = {row["name"]: row for row in ran.answer["rows"]}
    # Weighed and priced by what was known then: AAPL closed at 419.81, and at 430.47 a year on.
    assert rows.keys() >= {"AAPL", "MSFT"}
    if shares := rows["AAPL"]["shares_signed"]:
        assert Decimal(rows["AAPL"]["amount"]) / shares == Decimal("419.81")
    assert (
        ran.answer
        == run(f"{line} --account F1.com --to 2012-01-13 --json --journal", journal).answer
    )
    run(f"{line} --account F9.com --journal", journal).refused("There is no sleeve F9.com")
    run(f"{line} --to 2013-02-28 --journal", journal).refused("The record's last close is of")
    run(f"{line} --cash 5 --journal", journal).refused("tells its own holdings")
    run(f"{line} --account F1.com").refused("name the journal with --journal")


def test_a_profit_is_divided_and_the_parts_sum(run: Run, journal: Path) -> None:
    ran = run("portfolio attribution --json", journal)
    assert ran.code == 0, ran.err
    whole = Decimal(ran.answer["whole"])
    assert set(ran.answer["by"]) == {
        "account",
        "strategy",
        "week type",
        "outcome",
        "rule",
        "underlying",
        "greek",
    }
    for parts in ran.answer["by"].values():
        assert sum(map(Decimal, parts.values())) == whole
    printed = run("portfolio attribution", journal)
    assert "by greek" in printed.out
    assert f"{whole:,.2f}" in printed.out


def test_a_benchmark_divides_the_difference(run: Run, journal: Path) -> None:
    line = f"portfolio attribution --benchmark AAPL,MSFT --data {SAMPLE}"
    answer = run(f"{line} --json", journal).answer["brinson"]
    whole = sum(
        Decimal(one[effect])
        for one in answer["parts"]
        for effect in ("allocation", "selection", "interaction")
    )
    assert whole == Decimal(answer["difference"])
    assert "against shares" in run(line, journal).out
    run("portfolio attribution --benchmark AAPL", journal).refused("needs prices")


def test_what_cannot_be_answered_is_refused(run: Run, journal: Path) -> None:
    construct = "portfolio construct --method equal-weight"
    run(f"{construct} --data {SAMPLE} --symbols ZZZZ").refused("ZZZZ")
    run(f"{construct} --data {SAMPLE} --symbols AAPL,AAPL").refused("AAPL is named twice")
    run(f"{construct} --data {SAMPLE} --symbols ,").refused("No symbol was named")
    run(f"{construct} {PRICES} --from 2030-01-01").refused("The span holds 0 days")
    run(f"{construct} --data {SAMPLE} --symbols GOOG,GOOGL").refused("one issuer")
    run(f"portfolio rebalance {PRICES} --hold nonsense").refused("is no lot")
    run(f"portfolio rebalance {PRICES} --method equal-weight --hold IBM=1@5:2030-01-01").refused(
        "after the prices end"
    )
    run(
        f"portfolio rebalance --data {SAMPLE} --symbols AAPL --method equal-weight "
        "--hold MSFT=1@5:2010-01-04"
    ).refused("MSFT is held and has no price")
    run(f"portfolio rebalance {PRICES} --method equal-weight").refused("nothing to rebalance")
    run("portfolio attribution --from 2031-01-01", journal).refused("has no close")


def test_a_split_nobody_told_of_is_named_beside_the_weights(run: Run, tmp_path: Path) -> None:
    rows = ["Date,Open,High,Low,Close,Volume"]
    for day in range(3, 28):
        if exchange_calendar().is_session(date(2012, 1, day)):
            price = (80 if day < 18 else 40) + day % 3
            rows.append(f"2012-01-{day:02},{price},{price},{price},{price},1000000")
    (tmp_path / "XYZ.csv").write_text("\n".join(rows))
    ran = run(f"portfolio construct --data {tmp_path} --symbols XYZ --method equal-weight")
    assert ran.code == 0, ran.err
    assert "XYZ: the close went from 82 to 40 on 2012-01-18" in ran.out


def test_nobody_trades_at_a_price_of_long_ago(run: Run, journal: Path) -> None:
    line = f"portfolio rebalance --data {SAMPLE} --symbols AAPL,IBM --method equal-weight"
    run(f"{line} --to 2011-12-30 --journal", journal).refused(
        "The last price of AAPL is of 2011-12-30, and what is held stands as of 2012-01-13"
    )
    assert run(f"{line} --to 2012-01-06 --journal", journal).code == 0
