from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Ran

RULEBOOK = "--rulebook constitution"
ORDER = (
    "order --quantity 100 --average-volume 1000 --open-interest 500 --volume 100 "
    "--bid 1.00 --ask 1.05 --quote-age 30"
)


@pytest.mark.parametrize(
    ("question", "verdict", "rule"),
    [
        ("outcome --right put --strike 100 --price 94", "P-AOL", "outcome.P-AOL"),
        ("condition --trend up --vix 18 --vix-average 20 --support strong", "Green",
         "condition.green"),
        ("level --right put --strike 100 --spot 96.01 --atr 4", "L0", "level.L0"),
        ("level --right put --strike 100 --spot 96 --atr 4", "L1", "level.L1"),
        ("level --right put --strike 100 --spot 92.01 --atr 4", "L1", "level.L1"),
        ("level --right put --strike 100 --spot 92 --atr 4", "L2", "level.L2"),
        ("level --right put --strike 100 --spot 88.01 --atr 4", "L2", "level.L2"),
        ("level --right put --strike 100 --spot 88 --atr 4", "L3", "level.L3"),
        ("level --shares --basis 100 --spot 92 --atr 4", "L2", "level.L2"),
        ("level --shares --basis 100 --spot 85.01 --atr 10", "L1", "level.L1"),
        ("level --shares --basis 100 --spot 85 --atr 10", "L3", "level.L3"),
        ("roll --credit 1.00 --cost 0.50", "favourable", "roll.favourable"),
        ("roll --credit 1.00 --cost 0.5001", "unfavourable", "roll.favourable"),
        ("roll --credit 1.00 --cost 0", "favourable", "roll.favourable"),
        ("breaker --vix 50", "none", "breaker.vix.none"),
        ("breaker --vix 50.01", "hedged", "breaker.vix.hedged"),
        ("breaker --vix 65", "hedged", "breaker.vix.hedged"),
        ("breaker --vix 66", "safe", "breaker.vix.safe"),
        ("breaker --vix 80", "safe", "breaker.vix.safe"),
        ("breaker --vix 81", "kill", "breaker.vix.kill"),
        ("hedge --vix-days 4", "none", "hedge.trigger"),
        ("hedge --vix-days 5", "hedge", "hedge.trigger"),
        ("hedge --breadth 0.1999", "hedge", "hedge.trigger"),
        ("hedge --breached --paid 2 --mark 6", "release", "hedge.release"),
        ("hedge --breached --paid 2 --mark 5.99 --vix 19", "hedge", "hedge.trigger"),
        ("hedge --paid 2 --mark 1 --vix 19.99", "release", "hedge.release"),
        ("ladder --side growth --days 91 --delta 30", "roll", "ladder.roll"),
        ("ladder --side growth --days 92 --delta 30", "keep", "ladder.keep"),
        ("ladder --side growth --days 92 --delta 19.9", "roll", "ladder.roll"),
        ("ladder --side hedge --days 92 --delta 10", "keep", "ladder.keep"),
        ("breaker --drawdown 0.15 --vix 29 --account gen", "calls-only", "breaker.drawdown"),
        ("breaker --drawdown 0.15 --vix 30 --account gen", "none", "breaker.drawdown"),
        ("breaker --drawdown 0.1499 --vix 29 --account com", "none", "breaker.drawdown"),
        ("fork --account rev --base 90000 --balance 589999.99", "none", "fork.rev"),
        ("fork --account rev --base 90000 --balance 590000", "fork", "fork.rev"),
        ("fork --account com --base 90000 --balance 9000000", "none", "fork.com"),
        ("reinvest --account gen --gain 100000 --month 3", "none", "reinvest.account"),
        (ORDER, "pass", "order.gates"),
    ],
)  # fmt: skip
def test_the_constitution_answers_every_question(
    run: Callable[..., Ran], question: str, verdict: str, rule: str
) -> None:
    answer = run(f"explain {question} {RULEBOOK} --json").answer
    assert (answer["verdict"], answer["rulebook"]) == (verdict, "constitution@1.3")
    assert answer["rule"] == rule


@pytest.mark.parametrize(
    ("at", "options", "verdict", "rule"),
    [
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 1", "allow", "entry.delta"),
        ("2026-02-12T11:00:00", "--account gen --delta 40 --dte 0", "allow", "entry.delta"),
        ("2026-02-12T11:00:01", "--account gen --delta 42 --dte 1", "refuse", "entry.window"),
        ("2026-02-12T09:44:59", "--account gen --delta 42 --dte 1", "refuse", "entry.window"),
        ("2026-02-12T10:00", "--account gen --delta 46 --dte 1", "refuse", "entry.delta"),
        ("2026-02-12T10:00", "--account gen --delta 39.99 --dte 1", "refuse", "entry.delta"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 2", "refuse", "entry.days_to_expiry"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 2 --listed 2,8", "refuse",
         "expiry.none"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 2 --vix 50", "refuse",
         "entry.days_to_expiry"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 2 --vix 50.01", "allow",
         "entry.delta"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 1 --vix 65.01", "refuse",
         "breaker.safe"),
        ("2026-02-12T10:00", "--account rev --delta 32 --dte 3", "refuse", "entry.day"),
        ("2026-02-11T10:00", "--account rev --delta 32 --dte 3", "allow", "entry.delta"),
        ("2026-02-11T10:00", "--account rev --delta 29.99 --dte 3", "refuse", "entry.delta"),
        ("2026-02-11T10:00", "--account rev --delta 32 --dte 2 --listed 2,9", "allow",
         "expiry.widened"),
        ("2026-02-09T10:00", "--account com --delta 22 --dte 4 --listed 4,11", "allow",
         "expiry.widened"),
        ("2026-02-09T10:00", "--account com --delta 22 --dte 1 --listed 1,8", "refuse",
         "expiry.none"),
        ("2026-02-09T10:00", "--account com --delta 22 --dte 4 --listed 4 --condition Chop",
         "allow", "expiry.widened"),
        ("2026-02-12T10:00", "--account gen --delta 42 --dte 1 --earnings 2026-02-13", "refuse",
         "earnings.before_expiry"),
    ],
)  # fmt: skip
def test_a1b_a1c_entries_of_the_constitution_from_both_sides(
    run: Callable[..., Ran], at: str, options: str, verdict: str, rule: str
) -> None:
    answer = run(f"explain entry --at {at} {options} {RULEBOOK} --json").answer
    assert (answer["verdict"], answer["rule"]) == (verdict, rule)


@pytest.mark.parametrize(("balance", "verdict"), [("220000", "fork"), ("219999.99", "none")])
def test_a7_gen_forks_at_a_hundred_thousand(
    run: Callable[..., Ran], balance: str, verdict: str
) -> None:
    question = f"explain fork --account gen --base 120000 --balance {balance} {RULEBOOK} --json"
    answer = run(question).answer
    assert answer["verdict"] == verdict
    if verdict == "fork":
        amounts = answer["amounts"]
        assert (amounts["surplus"], amounts["gen"], amounts["com"]) == (
            "100000",
            "50000.00",
            "50000.00",
        )


def test_a8_a_quarter_is_split_after_the_tax_reserve(run: Callable[..., Ran]) -> None:
    question = f"explain reinvest --account rev --gain 100000 --month 3 {RULEBOOK} --json"
    amounts = run(question).answer["amounts"]
    assert [float(amounts[name]) for name in ("tax", "contracts", "leaps")] == [
        30_000,
        52_500,
        17_500,
    ]
