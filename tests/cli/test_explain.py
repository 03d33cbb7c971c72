from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.cli.conftest import verdict_of

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("--right put --strike 100 --price 100.01", "P-EW"),
        ("--right put --strike 100 --price 100", "P-EW"),
        ("--right put --strike 100 --price 99.99", "P-AWL"),
        ("--right put --strike 100 --price 95", "P-AWL"),
        ("--right put --strike 100 --price 94.99", "P-AOL"),
        ("--right put --strike 100 --price 94.99 --roll-available", "P-RO"),
        ("--right put --strike 100 --price 85", "P-AOL"),
        ("--right put --strike 100 --price 85 --roll-available", "P-RO"),
        ("--right put --strike 100 --price 84.99 --roll-available", "P-DD"),
        ("--right put --strike 100 --price 0", "P-DD"),
        # A third of a cent under a limit that no float holds.
        ("--right put --strike 0.3 --price 0.285", "P-AWL"),
        ("--right put --strike 0.3 --price 0.2849999", "P-AOL"),
        ("--right call --basis 100 --price 105.01", "C-WAP+"),
        ("--right call --basis 100 --price 105", "C-WAP"),
        ("--right call --basis 100 --price 100.01", "C-WAP"),
        ("--right call --basis 100 --price 100", "C-PNO"),
        ("--right call --basis 100 --price 95", "C-PNO"),
        ("--right call --basis 100 --price 94.99", "C-RO"),
        ("--right call --basis 100 --price 90", "C-RO"),
        ("--right call --basis 100 --price 89.99", "C-REC"),
        ("--right call --basis 100 --price 85", "C-REC"),
        ("--right call --basis 100 --price 84.99", "P-DD"),
        ("--cash", "W-IDL"),
    ],
)
def test_outcomes_on_their_boundaries(run: Run, options: str, code: str) -> None:
    assert verdict_of(run, f"outcome {options}") == (code, f"outcome.{code}")


@pytest.mark.parametrize(
    ("trend", "vix", "support", "condition"),
    [
        ("up", 30, "strong", "Green"),
        ("up", 10, "mixed", "Chop"),
        ("up", 10, "above", "Chop"),
        ("up", 30, "below", "Chop"),
        ("down", 20, "strong", "Chop"),
        ("down", 20, "mixed", "Chop"),
        ("down", 20, "above", "Chop"),
        ("down", 20, "below", "Red"),
        ("down", 20.01, "strong", "Red"),
        ("flat", 20, "below", "Chop"),
        ("flat", 20.01, "strong", "Red"),
    ],
)
def test_conditions_of_the_table(
    run: Run, trend: str, vix: float, support: str, condition: str
) -> None:
    line = f"condition --trend {trend} --vix {vix} --vix-average 20 --support {support}"
    assert verdict_of(run, line) == (condition, f"condition.{condition.lower()}")


@pytest.mark.parametrize(
    ("spot", "level"),
    [
        ("101", "hold"),
        ("98.01", "hold"),
        ("98", "watch"),
        ("96.01", "watch"),
        ("96", "prepare"),
        ("94", "prepare"),
        ("93.99", "mandatory"),
    ],
)
def test_classic_levels_from_both_sides(run: Run, spot: str, level: str) -> None:
    found = verdict_of(run, f"level --entry 100 --spot {spot} --atr 4")
    assert found == (level, f"level.{level}")


@pytest.mark.parametrize(
    "options",
    ["--right put --strike 100", "--shares --basis 100"],
)
def test_classic_has_no_levels_from_the_strike(run: Run, options: str) -> None:
    run(f"explain level {options} --spot 92 --atr 4").refused("classic@1.0", "--entry")


ORDER = {
    "quantity": "10",
    "average-volume": "1000",
    "open-interest": "800",
    "volume": "400",
    "bid": "1.00",
    "ask": "1.04",
    "quote-age": "2",
}


def order(**changed: str) -> str:
    options = ORDER | {name.replace("_", "-"): value for name, value in changed.items()}
    return "order " + " ".join(f"--{name} {value}" for name, value in options.items())


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"quantity": "100"}, None),
        ({"quantity": "101"}, "liquidity.size"),
        ({"open_interest": "500"}, None),
        ({"open_interest": "499"}, "liquidity.open_interest"),
        ({"volume": "100"}, None),
        ({"volume": "99"}, "liquidity.volume"),
        ({"quote_age": "30"}, None),
        ({"quote_age": "30.1"}, "quote.age"),
        # 0.10 is 5% of a mid of 2.00, 0.11 is more and above one tick.
        ({"bid": "1.95", "ask": "2.05"}, None),
        ({"bid": "1.945", "ask": "2.055"}, "liquidity.spread"),
        # Under a wide tick the tick is the limit.
        ({"bid": "0.05", "ask": "0.10", "tick": "0.05"}, None),
        ({"bid": "0.05", "ask": "0.10"}, "liquidity.spread"),
        ({"bid": "0.01", "ask": "0.02"}, None),
        ({"bid": "1.05", "ask": "1.04"}, "quote.invalid"),
        ({"bid": "-0.01", "ask": "1.04"}, "quote.invalid"),
        ({"bid": "0", "ask": "0.01"}, "quote.invalid"),
        ({"bid": "1.04", "ask": "1.04"}, None),
    ],
)
def test_gates_of_openings_from_both_sides(
    run: Run, changed: dict[str, str], rule: str | None
) -> None:
    expected = ("pass", "order.gates") if rule is None else ("refuse", rule)
    assert verdict_of(run, order(**changed)) == expected


@pytest.mark.parametrize(
    "changed",
    [{"quantity": "101"}, {"open_interest": "499"}, {"volume": "99"}, {"quote_age": "31"}],
)
def test_closes_are_warned_and_sent(run: Run, changed: dict[str, str]) -> None:
    ran = run(f"explain {order(**changed)} --closing --json")
    assert ran.answer["verdict"] == "pass"
    assert ran.answer["rule"] == "order.gates"
    assert len(ran.answer["warnings"]) == 1


def test_a_crossed_quote_is_refused_even_to_a_close(run: Run) -> None:
    ran = run(f"explain {order(bid='1.05')} --closing --json")
    assert (ran.code, ran.answer["verdict"]) == (0, "refuse")


def test_120_contracts_are_cut_into_clips(run: Run) -> None:
    ran = run(f"explain {order(quantity='120', average_volume='5000')} --json")
    assert ran.answer["clips"] == [50, 50, 20]


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [("0.50", "unfavourable"), ("0", "unfavourable"), ("-0.01", "favourable")],
)
def test_a_classic_roll_needs_a_net_credit(run: Run, cost: str, verdict: str) -> None:
    found = verdict_of(run, f"roll --credit 1.00 --cost {cost}")
    assert found == (verdict, "roll.favourable")


def test_gen_forks_from_fifty_thousand_over_its_base(run: Run) -> None:
    answer = run("explain fork --account gen --base 120000 --balance 170000 --json").answer
    assert answer["verdict"] == "fork"
    amounts = {name: Decimal(text) for name, text in answer["amounts"].items()}
    assert amounts == {"surplus": 50000, "gen": 25000, "rev": 0, "com": 25000}
    below = "fork --account gen --base 120000 --balance 169999.99"
    assert verdict_of(run, below) == ("none", "fork.gen")


@pytest.mark.parametrize("tier", ["rev", "com"])
def test_only_gen_forks_under_classic(run: Run, tier: str) -> None:
    line = f"fork --account {tier} --base 90000 --balance 900000"
    assert verdict_of(run, line) == ("none", f"fork.{tier}")


def test_a_quarter_is_split_into_contracts_and_leaps(run: Run) -> None:
    answer = run("explain reinvest --account rev --gain 100000 --month 3 --json").answer
    assert answer["verdict"] == "reinvest"
    amounts = {name: Decimal(text) for name, text in answer["amounts"].items()}
    assert amounts == {"tax": 0, "contracts": 75000, "leaps": 25000}
    assert all(isinstance(text, str) for text in answer["amounts"].values())


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ("--account rev --gain 100000 --month 4", "reinvest.month"),
        ("--account gen --gain 100000 --month 3", "reinvest.account"),
        ("--account com --gain 0 --month 12", "reinvest.gain"),
        ("--account com --gain -5 --month 12", "reinvest.gain"),
    ],
)
def test_nothing_is_reinvested_without_cause(run: Run, options: str, rule: str) -> None:
    assert verdict_of(run, f"reinvest {options}") == ("none", rule)


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ("--vix 50", "none"),
        ("--vix 50.01", "hedged"),
        ("--vix 65", "hedged"),
        ("--vix 65.01", "safe"),
        ("--vix 80", "safe"),
        ("--vix 80.01", "kill"),
        ("--drawdown 0.15 --vix 29 --account gen", "calls-only"),
        ("--drawdown 0.15 --vix 31 --account gen", "calls-only"),
        ("--drawdown 0.15 --account gen", "calls-only"),
        ("--drawdown 0.1499 --vix 29 --account gen", "none"),
        ("--drawdown 0.10 --account rev", "calls-only"),
        ("--drawdown 0.0999 --account rev", "none"),
        ("--drawdown 0.07 --account com", "calls-only"),
        ("--drawdown 0.0699 --account com", "none"),
        ("--drawdown 0.15 --vix 52 --account gen", "calls-only"),
        ("--drawdown 0.15 --vix 66 --account gen", "safe"),
        ("--drawdown 0.01 --vix 52 --account gen", "hedged"),
    ],
)
def test_breakers_trip_from_their_number(run: Run, options: str, verdict: str) -> None:
    assert verdict_of(run, f"breaker {options}")[0] == verdict


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("outcome", ["--right"]),
        ("outcome --right put --strike 100", ["--price"]),
        ("outcome --right put --basis 100 --price 95", ["--basis"]),
        ("outcome --right call --strike 100 --price 95", ["--strike"]),
        ("outcome --right call --price 95", ["--basis"]),
        ("outcome --cash --right put", ["--cash", "--right"]),
        ("outcome --right put --strike 0 --price 95", ["--strike"]),
        ("outcome --right put --strike nan --price 95", ["nan"]),
        ("outcome --right put --strike inf --price 95", ["inf"]),
        ("outcome --right put --strike 100 --price -inf", ["-inf"]),
        ("outcome --right put --strike 1,000 --price 95", ["1,000"]),
        ("outcome --right put --strike 1e999 --price 95", ["1e999"]),
        ("outcome --right put --strike 1e99 --price 95", ["1e99"]),
        ("outcome --right put --strike 100 --price 1e-9", ["1e-9"]),
        ("outcome --right put --strike 100 --price -1", ["-1"]),
        ("outcome --right spread --strike 100 --price 95", ["spread"]),
        ("condition --trend up --vix 18 --support strong", ["--vix-average"]),
        ("condition --trend up --vix 0 --vix-average 20 --support strong", ["--vix"]),
        ("level --spot 94 --atr 4", ["--entry"]),
        ("level --right call --strike 100 --spot 105 --atr 4", ["covered call"]),
        ("level --entry 100 --spot 94 --atr 0", ["--atr"]),
        ("level --entry 100 --strike 95 --spot 94 --atr 4", ["--strike"]),
        ("entry --account gen --at noon --delta 42 --dte 1", ["noon"]),
        ("entry --account gen --at 2026-02-12 --delta 42 --dte 1", ["2026-02-12T10:00"]),
        ("entry --account gen --at 2026-02-30T10:00 --delta 42 --dte 1", ["2026-02-30"]),
        ("entry --account gen --at 1900-02-12T10:00 --delta 42 --dte 1", ["calendar"]),
        ("entry --account gen --at 2026-02-12T10:00 --delta 42 --dte 1.5", ["1.5"]),
        ("entry --account gen --at 2026-02-12T10:00 --delta 42 --dte 1 --listed x", ["x"]),
        ("entry --account all --at 2026-02-12T10:00 --delta 42 --dte 1", ["all"]),
        (order(quantity="0"), ["--quantity"]),
        (order(quantity="-1"), ["-1"]),
        (order(quantity="1.5"), ["1.5"]),
        (order(bid="nan"), ["nan"]),
        (order(tick="0"), ["--tick"]),
        ("roll --credit 1.00 --cost free", ["free"]),
        ("fork --account gen --base 120000 --balance lots", ["lots"]),
        ("reinvest --account rev --gain 100000 --month 13", ["13"]),
        ("breaker", ["--vix"]),
        ("breaker --drawdown 0.15", ["--account"]),
        ("breaker --drawdown 15 --account gen", ["0.15"]),
        ("roll --credit 1.00 --cost 0.50 --rulebook charter", ["charter", "constitution"]),
        ("roll --credit 1.00 --cost 0.50 --rulebook classic@9.9", ["classic@1.0"]),
        ("roll --credit 1.00 --cost 0.50 --nonsense", ["--nonsense"]),
        ("horoscope", ["horoscope"]),
    ],
)
def test_what_cannot_be_asked_is_refused_plainly(run: Run, line: str, words: list[str]) -> None:
    run(f"explain {line}").refused(*words)


def test_numbers_never_pass_through_a_float(run: Run) -> None:
    line = "outcome --right put --strike 100 --price 94.99999999"
    assert verdict_of(run, line)[0] == "P-AOL"


def test_a_person_reads_verdict_rule_and_figures(run: Run) -> None:
    ran = run(f"explain {order(quantity='101')}")
    assert ran.code == 0
    assert "refuse" in ran.out
    assert "classic@1.0/liquidity.size" in ran.out
    assert "order size: 101" in ran.out


def test_the_rulebook_may_be_named_by_its_id(run: Run) -> None:
    assert verdict_of(run, "roll --credit 1 --cost -0.1 --rulebook classic@1.0")[0] == "favourable"


def test_margin_as_the_exchange_counts_it(run: Run) -> None:
    spread = "--leg 'long 1 put 425 at 6.40' --leg 'short 1 puts 430 at 7.80'"
    answer = run(f"explain margin --symbol SPX --spot 433.35 {spread} --json").answer
    assert (answer["verdict"], answer["rule"]) == ("required", "margin.regulation_t")
    assert Decimal(answer["amounts"]["deposit"]) == 360
    put = "explain margin --spot 209 --leg 'short 1 put 200 at 1.20' --json --equity"
    assert verdict(run(f"{put} 5666.67")) == ("within", "margin.use")
    assert verdict(run(f"{put} 5666.66")) == ("above", "margin.use")
    assert verdict(run(f"{put} 5666.67 --broker-says 3500")) == ("above", "margin.use")
    covered = "--leg 'LONG 100 shares at 98' --leg 'short 1 call 100 at 2'"
    answer = run(f"explain margin --spot 98 {covered} --json").answer
    assert Decimal(answer["amounts"]["maintenance"]) == 2450


@pytest.mark.parametrize("leg", ["short 1 put 200", "1 put 200 at 1", "short 0 put 200 at 1"])
def test_what_is_no_leg_is_refused(run: Run, leg: str) -> None:
    run("explain margin --spot 209 --leg", leg).refused()


def test_shares_sold_short_have_no_margin_rule(run: Run) -> None:
    run("explain margin --spot 209 --leg 'short 5 shares at 1'").refused("no shares short")


def verdict(ran: Any) -> tuple[str, str]:
    return ran.answer["verdict"], ran.answer["rule"]
