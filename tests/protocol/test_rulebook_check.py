from __future__ import annotations

import pytest

from allusedesk.domain.proposals import ProposalKind
from allusedesk.protocol.rulebook_text import RulebookRefused, parse_rulebook
from tests.protocol.examples import CLASSIC, D, classic_text, classic_with

TEXT = classic_text()
BOTH_KINDS_OF_LEVELS = """watch = 1
prepare = 2
mandatory_above = 3
favour_above = 1
favour_earned_above = 0.5
profit_at = 0.5"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("issuer_cap = 0.25", "issuer_cap = 25", "capital.issuer_cap"),
        ("capital_share = 0.40", "capital_share = 0.41", "accounts"),
        ("capital_share = 0.40", "capital_share = 1.40", "accounts.gen.capital_share"),
        ("{ low = 40, high = 50 }", "{ low = 50, high = 40 }", "accounts.gen.delta"),
        ("{ low = 40, high = 50 }", "{ low = 40, high = 101 }", "accounts.gen.delta"),
        ("days_to_expiry = { low = 1, high = 1 }", "days_to_expiry = { low = 2, high = 1 }",
         "accounts.gen.days_to_expiry"),
        ("opens = 09:45:00, closes = 15:30:00", "opens = 15:30:00, closes = 09:45:00",
         "accounts.gen.entry_window"),
        ('entry_days = ["Thu"]', "entry_days = []", "accounts.gen.entry_days"),
        ('instruments = ["CSP", "CC"]', 'instruments = ["CC", "CC"]', "accounts.gen.instruments"),
        ('support = ["mixed", "below"]', 'support = ["mixed"]', "condition.rows"),
        ('condition = "Red"\ndeploy', 'condition = "Chop"\ndeploy', "condition.effects"),
        ("deploy_low = 0.90", "deploy_low = 0.96", "condition.effects[0].deploy_high"),
        ("delta_shift = -10", "delta_shift = -25", "condition.effects[2].delta_shift"),
        ("idle_vix_ratio = 1.5", "idle_vix_ratio = 1", "condition.idle_vix_ratio"),
        ('deep_code = "P-DD"', 'deep_code = "P-XX"', "outcomes.rows"),
        ('fall = "(0, 0.05]"', 'fall = "[0, 0.05]"', "outcomes.rows"),
        ('fall = "(-inf, 0]"', 'fall = "(-1, 0]"', "outcomes.rows"),
        ('fall = "(-inf, 0]"', 'fall = "(-inf, inf)"', "outcomes.rows"),
        ("deep = 0.15", "deep = 0.16", "outcomes.rows"),
        ('holding = "any"', 'holding = "all"', "outcomes.rows[4].holding"),
        ("target_low = -0.005", "target_low = 0.005", "outcomes.rows[4].target_low"),
        ('holding = "any"', 'holding = "idle"', "outcomes.rows"),
        ("watch = 0.5", "watch = 1.5", "management"),
        ("profit_at = 0.50", "profit_at = 0.90", "management.profit_at"),
        ("days_later_low = 1", "days_later_low = 0", "roll.days_later_high"),
        ("{ probability = 0.90 }", "{ in_money_max = 1, probability = 0.90 }",
         "early_assignment.steps"),
        ("in_money_max = -0.01", "in_money_max = -0.06", "early_assignment.steps"),
        ("resume_within = 0.05", "resume_within = 0.05\ncall_delta_low = 20", "assignment"),
        ("safe_above = 65", "safe_above = 50", "breakers"),
        ("prints = 2", "prints = 0", "breakers.prints"),
        ('{ state = "MAINTENANCE", next = ["SAFE"] }', '{ state = "AUDIT", next = ["SAFE"] }',
         "states.steps"),
        ("clip_contracts = 50", "clip_contracts = 0", "orders.clip_contracts"),
        ("symbols = [], below = 0.01", "symbols = [], below = 0", "orders.tick_otherwise"),
        ("threshold = 3\nabove = 0.01", "threshold = 3\nabove = 0", "orders.ticks[0]"),
        ("com = 0.5", "com = 0.6", "forking.forks[0]"),
        ("surplus_min = 50000", "surplus_min = 0", "forking.forks[0].surplus_min"),
        ("leaps = 0.25", "leaps = 0.26", "reinvestment"),
        ("months = [3, 6, 9, 12]", "months = [0]", "reinvestment.months"),
        ("contract = 0.65", "contract = -1", "costs"),
        ("use_max = 0.60", "use_max = 0", "margin.use_max"),
        ("shares_maintenance = 0.25", "shares_maintenance = 25", "margin.shares_maintenance"),
        ("start_min = 10000", "start_min = 0", "capital.start_min"),
        ("closing_window = { opens = 14:30:00", "closing_window = { opens = 15:50:00",
         "calendar.closing_window"),
        ("assignment_look = 15:00:00", "assignment_look = 14:00:00", "calendar.assignment_look"),
        ("management_looks = [10:30:00, 12:30:00, 15:15:00]", "management_looks = []",
         "calendar.management_looks"),
        ("report = 16:30:00", "report = 16:00:00", "calendar.report"),
        ('kinds = ["adjustment"]', 'kinds = ["roll"]', "approvals.deadlines"),
        ("minutes_short = 15, ", "", "approvals.deadlines[4]"),
        ("watch = 0.5\n", "", "management"),
    ],
)  # fmt: skip
def test_rules_that_contradict_each_other_are_refused(old: str, new: str, rule: str) -> None:
    assert _refusal(old, new).startswith(f"Rule {rule} in line ")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[approvals]\n", "[approvals]\nsecond_signature_above = 0\n",
         "approvals.second_signature_above"),
        ("agreement_weight = 0.6", "agreement_weight = 0.7", "approvals.trust.outcome_weight"),
        ("edited_worth = 0.5", "edited_worth = 1", "approvals.trust.edited_worth"),
        ("idle_decay = 0.02", "idle_decay = -0.02", "approvals.trust.idle_decay"),
        ("outcome_expected = 0.02", "outcome_expected = 0", "approvals.trust"),
        ("veto_minutes = 5", "veto_minutes = 0", "approvals.trust"),
        ('level = "mature"', 'level = "expert"', "approvals.trust.levels"),
        ("decided_min = 50", "decided_min = 9", "approvals.trust.levels"),
        ("score_min = 0.90", "score_min = 0.79", "approvals.trust.levels"),
    ],
)  # fmt: skip
def test_rules_of_trust_that_contradict_each_other_are_refused(
    old: str, new: str, rule: str
) -> None:
    assert _refusal(old, new).startswith(f"Rule {rule} in line ")


def _refusal(old: str, new: str) -> str:
    assert old in TEXT
    with pytest.raises(RulebookRefused) as caught:
        parse_rulebook(TEXT.replace(old, new, 1))
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("one = 1\n", "one = 2\n", "levels"),
        ("exit_seconds = 5", "exit_seconds = 0", "levels.exit_seconds"),
        ("seconds_two = 30", "seconds_two = 0", "levels"),
        ("exit_worst = 0.10", "exit_worst = 10", "levels.exit_worst"),
        ("call_decay = 0.65", "call_decay = 65", "management.call_decay"),
        ("prepare_distance = 1.5", "prepare_distance = 2.5", "accounts.rev.prepare_distance"),
        ("deploy_low = 0.95", "deploy_low = 1.95", "accounts.gen.deploy_low"),
        ("deploy_low = 0.95\ndeploy_high = 1\n", "", "accounts.gen.deploy_high"),
        ("mini = { years_max = 3, multiple = 3 }\n", "", "forking.mini"),
        ("multiple = 3", "multiple = 1", "forking.mini"),
        ("budget_gain_share = 0.05", "budget_gain_share = 5", "hedging.budget_gain_share"),
        ("call_decay = 0.65", BOTH_KINDS_OF_LEVELS, "management"),
    ],
)  # fmt: skip
def test_the_constitution_may_not_contradict_itself(old: str, new: str, rule: str) -> None:
    text = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(RulebookRefused) as caught:
        parse_rulebook(text.replace(old, new, 1))
    assert str(caught.value).startswith(f"Rule {rule} in line ")


def test_a_rulebook_may_have_more_than_classic_needs() -> None:
    rulebook = classic_with(
        ("hedged_factor = 0.5", "hedged_factor = 0.5\ndrawdown_vix_below = 30"),
        ("first_shares = true", "first_shares = true\nsymbol_cap = 0.25"),
    )
    assert rulebook.breakers.drawdown_vix_below == D(30)
    assert rulebook.accounts.com.symbol_cap == D("0.25")
    assert rulebook.ladder is not None
    assert not rulebook.ladder.is_on


def test_a_rulebook_from_before_ladders_were_proposed_gives_them_a_forks_time() -> None:
    text = CLASSIC.with_name("constitution.toml").read_text(encoding="utf-8")
    assert text.count('"ladder"') == 1
    older = parse_rulebook(text.replace(', "ladder"', ""))
    assert older.approvals.deadline(ProposalKind.LADDER) == older.approvals.deadline(
        ProposalKind.FORK
    )


def test_a_rulebook_from_before_trust_was_earned_lets_it_act_for_nothing() -> None:
    older = parse_rulebook(TEXT[: TEXT.index("[approvals.trust]")])
    assert older.approvals.trust is None
    assert older.approvals.second_signature_above is None
    limited = TEXT.replace("[approvals]\n", "[approvals]\nsecond_signature_above = 50000\n")
    assert parse_rulebook(limited).approvals.second_signature_above == D(50_000)
