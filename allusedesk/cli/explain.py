"""`allusedesk explain`: one rule of the protocol on numbers given as options."""

from __future__ import annotations

from argparse import Namespace

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Commands, wants_json

_TIERS = ("gen", "rev", "com")
_SUMMARY = "one rule on numbers given as options: verdict, rule id, each comparison"


def add_commands(commands: Commands) -> None:
    """Add `explain` and its rules."""
    group = commands.add_parser(
        "explain",
        help=_SUMMARY,
        description=f"Explain {_SUMMARY}. Exit code 0 whatever the verdict.",
        example="allusedesk explain roll --credit 1.00 --cost -0.05",
    )
    group.set_defaults(group=group)
    rules = group.add_subparsers(title="rules", metavar="RULE")
    for add in (
        _add_outcome,
        _add_condition,
        _add_level,
        _add_entry,
        _add_order,
        _add_roll,
        _add_fork,
        _add_reinvest,
        _add_breaker,
        _add_hedge,
        _add_ladder,
        _add_margin,
    ):
        rule = add(rules)
        rule.add_argument(
            "--rulebook",
            default="classic",
            metavar="NAME",
            help="whose numbers (classic if left out)",
        )
        rule.set_defaults(command=_explain, rule=rule.prog.rpartition(" ")[2])


def _explain(options: Namespace) -> int:
    from allusedesk.cli import explanations
    from allusedesk.cli.rulebook_choice import rulebook_chosen

    rulebook = rulebook_chosen(options.rulebook)
    verdict = explanations.explained(options.rule, options, rulebook)
    explanations.show(verdict, rulebook, as_json=wants_json(options))
    return DONE


def _add_outcome(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "outcome",
        help="which of the eleven outcomes a position's week has",
        example="allusedesk explain outcome --right call --basis 100 --price 103",
    )
    rule.add_argument("--right", choices=("put", "call"), help="short put, or shares with a call")
    rule.add_argument("--strike", type=arguments.number_above_zero, help="of the short put")
    rule.add_argument("--basis", type=arguments.number_above_zero, help="cost of the shares, each")
    rule.add_argument("--price", type=arguments.number_from_zero, help="of the underlying now")
    rule.add_argument(
        "--roll-available", action="store_true", help="a favourable roll of the put exists"
    )
    rule.add_argument("--cash", action="store_true", help="no position and no entry all week")
    return rule


def _add_condition(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "condition",
        help="Green, Red or Chop",
        example="allusedesk explain condition --trend up --vix 18 --vix-average 20 "
        "--support strong",
    )
    rule.add_argument("--trend", required=True, choices=("up", "down", "flat"), help="of the index")
    rule.add_argument("--vix", required=True, type=arguments.number_above_zero, help="VIX now")
    rule.add_argument(
        "--vix-average", required=True, type=arguments.number_above_zero, help="over one year"
    )
    rule.add_argument(
        "--support",
        required=True,
        choices=("strong", "mixed", "above", "below"),
        help="where price stands against its support",
    )
    return rule


def _add_level(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "level",
        help="how far price has moved against a position",
        example="allusedesk explain level --entry 100 --spot 94 --atr 4",
    )
    rule.add_argument("--right", choices=("put", "call"), help="of the short option")
    rule.add_argument("--shares", action="store_true", help="shares, measured from their basis")
    rule.add_argument("--entry", type=arguments.number_above_zero, help="price when it was sold")
    rule.add_argument("--strike", type=arguments.number_above_zero, help="of the short put")
    rule.add_argument("--basis", type=arguments.number_above_zero, help="cost of the shares, each")
    rule.add_argument(
        "--spot", required=True, type=arguments.number_from_zero, help="of the underlying now"
    )
    rule.add_argument(
        "--atr", required=True, type=arguments.number_above_zero, help="average true range"
    )
    return rule


def _add_entry(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "entry",
        help="whether a tier may sell this put at this instant",
        example="allusedesk explain entry --account gen --at 2026-02-12T10:00 --delta 42 --dte 1",
    )
    rule.add_argument("--account", required=True, choices=_TIERS, help="the tier")
    rule.add_argument(
        "--at", required=True, type=arguments.new_york_instant, help="New York date and time"
    )
    rule.add_argument(
        "--delta", required=True, type=arguments.number_from_zero, help="x 100, unsigned"
    )
    rule.add_argument(
        "--dte", required=True, type=arguments.whole_from_zero, help="calendar days to expiry"
    )
    rule.add_argument(
        "--listed",
        type=arguments.days_listed,
        default=(),
        metavar="DAYS",
        help="days to every listed expiry, such as 1,4,8",
    )
    rule.add_argument("--earnings", type=arguments.day, help="the next earnings date")
    rule.add_argument("--condition", choices=("Green", "Red", "Chop"), help="of the week")
    rule.add_argument("--vix", type=arguments.number_above_zero, help="VIX now")
    return rule


def _add_order(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "order",
        help="the gates of liquidity and quotes, and the clips",
        example="allusedesk explain order --quantity 101 --average-volume 1000 "
        "--open-interest 800 --volume 400 --bid 1.00 --ask 1.04 --quote-age 2",
    )
    rule.add_argument(
        "--quantity", required=True, type=arguments.whole_above_zero, help="contracts"
    )
    rule.add_argument(
        "--average-volume",
        required=True,
        type=arguments.number_from_zero,
        help="a day; the order's size is measured against it",
    )
    rule.add_argument(
        "--open-interest", required=True, type=arguments.whole_from_zero, help="last night's"
    )
    rule.add_argument(
        "--volume", required=True, type=arguments.number_from_zero, help="what the daily gate reads"
    )
    rule.add_argument("--bid", required=True, type=arguments.number, help="per share")
    rule.add_argument("--ask", required=True, type=arguments.number, help="per share")
    rule.add_argument("--quote-age", required=True, type=arguments.number_from_zero, help="seconds")
    rule.add_argument(
        "--tick", type=arguments.number_above_zero, help="price step (0.01 if left out)"
    )
    rule.add_argument(
        "--closing", action="store_true", help="a close or a roll, which is warned and sent"
    )
    return rule


def _add_roll(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "roll",
        help="whether a roll is favourable",
        example="allusedesk explain roll --credit 1.00 --cost 0.50",
    )
    rule.add_argument(
        "--credit", required=True, type=arguments.number_from_zero, help="the original premium"
    )
    rule.add_argument(
        "--cost", required=True, type=arguments.number, help="net; negative is a net credit"
    )
    return rule


def _add_fork(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "fork",
        help="whether a sleeve divides, and what moves",
        example="allusedesk explain fork --account gen --base 120000 --balance 170000",
    )
    rule.add_argument("--account", required=True, choices=_TIERS, help="the tier")
    rule.add_argument("--base", required=True, type=arguments.number_from_zero, help="dollars")
    rule.add_argument("--balance", required=True, type=arguments.number, help="dollars")
    return rule


def _add_reinvest(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "reinvest",
        help="how a quarter's gain is split",
        example="allusedesk explain reinvest --account rev --gain 100000 --month 3",
    )
    rule.add_argument("--account", required=True, choices=_TIERS, help="the tier")
    rule.add_argument("--gain", required=True, type=arguments.number, help="dollars, may be a loss")
    rule.add_argument("--month", required=True, type=arguments.month, help="1 to 12")
    return rule


def _add_breaker(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "breaker",
        help="what VIX or a drawdown stops",
        example="allusedesk explain breaker --drawdown 0.15 --vix 29 --account gen",
    )
    rule.add_argument("--vix", type=arguments.number_above_zero, help="VIX now")
    rule.add_argument(
        "--drawdown", type=arguments.fraction, help="of a sleeve from its high, 0.15 for 15%%"
    )
    rule.add_argument("--account", choices=_TIERS, help="the sleeve's tier")
    return rule


def _add_hedge(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "hedge",
        help="whether hedging is called for, and with what budget; or whether a hedge goes again",
        example="allusedesk explain hedge --rulebook constitution --vix-days 5 --equity 300000",
    )
    rule.add_argument("--breached", action="store_true", help="a put stands at L2")
    rule.add_argument(
        "--vix-days", type=arguments.whole_from_zero, default=0, help="closes of high VIX, running"
    )
    rule.add_argument(
        "--index-fall", type=arguments.fraction, help="of the index from its high, 0.2 for 20%%"
    )
    rule.add_argument(
        "--breadth", type=arguments.fraction, help="part of the symbols above their average"
    )
    rule.add_argument("--equity", type=arguments.number_from_zero, help="of the family, dollars")
    rule.add_argument("--gain", type=arguments.number, default=None, help="of the quarter, dollars")
    rule.add_argument("--paid", type=arguments.number_above_zero, help="for a hedge held, a share")
    rule.add_argument("--mark", type=arguments.number_from_zero, help="what that hedge is worth")
    rule.add_argument("--vix", type=arguments.number_above_zero, help="VIX now")
    return rule


def _add_ladder(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "ladder",
        help="whether a rung of the LEAPS ladder stays or is rolled",
        example="allusedesk explain ladder --rulebook constitution --side growth --days 91 "
        "--delta 30",
    )
    rule.add_argument("--side", required=True, choices=("growth", "hedge"), help="calls or puts")
    rule.add_argument(
        "--days", required=True, type=arguments.whole_from_zero, help="calendar days to expiry"
    )
    rule.add_argument("--delta", type=arguments.number_from_zero, help="x 100, unsigned")
    return rule


def _add_margin(rules: Commands) -> CommandParser:
    rule = rules.add_parser(
        "margin",
        help="what Regulation T asks for, and how much of equity that takes",
        example="allusedesk explain margin --spot 209 --leg 'short 1 put 200 at 1.20'",
    )
    rule.add_argument("--symbol", default="XYZ", help="a broad index asks for less (XYZ: none)")
    rule.add_argument(
        "--spot", required=True, type=arguments.number_above_zero, help="of the underlying now"
    )
    rule.add_argument(
        "--leg",
        required=True,
        action="append",
        type=arguments.margin_leg,
        help="such as 'short 2 put 200 at 1.20' or 'long 100 shares at 98'; may stand several "
        "times, options of one expiry",
    )
    rule.add_argument(
        "--equity", type=arguments.number_from_zero, help="dollars; tells whether it is too much"
    )
    rule.add_argument(
        "--broker-says",
        type=arguments.number_from_zero,
        help="the broker's figure; the larger wins",
    )
    return rule
