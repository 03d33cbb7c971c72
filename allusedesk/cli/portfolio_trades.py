"""`allusedesk portfolio rebalance`: the trades towards target weights, with what each costs."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError, Namespace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Commands, Refusal, wants_json
from allusedesk.cli.portfolio_weights import add_price_options, add_weight_options, constructed
from allusedesk.cli.printing import print_json, print_pairs, print_table
from allusedesk.portfolio.rebalance_terms import USUAL_TERMS, RebalanceTerms

if TYPE_CHECKING:
    from allusedesk.portfolio.rebalancing import RebalancePlan
    from allusedesk.wiring.holdings import OnRecord, Purchase
    from allusedesk.wiring.price_tables import PriceTable

_HOLD = re.compile(r"([A-Za-z.]+)=(\d+)@([\d.]+):(\d{4}-\d{2}-\d{2})", re.ASCII)


def add_rebalance(questions: Commands) -> None:
    """Add `rebalance`."""
    command = questions.add_parser(
        "rebalance",
        help="the trades that bring drifted shares back, and which are not worth their cost",
        example="allusedesk portfolio rebalance --data resources/sample_market "
        "--symbols AAPL,IBM,MSFT --method equal-weight "
        "--hold AAPL=900@91.50:2011-06-01 --hold IBM=100@181:2012-11-15 --cash 20000",
    )
    add_price_options(command)
    add_weight_options(command)
    command.add_argument("--journal", type=Path, metavar="FILE", help="whose shares are held")
    command.add_argument(
        "--account", metavar="SLEEVE", help="one sleeve of the journal; all if left out"
    )
    command.add_argument(
        "--hold",
        action="append",
        type=_purchase,
        default=[],
        metavar="LOT",
        help="without a journal: a lot such as AAPL=200@150.25:2019-01-07; may stand several times",
    )
    command.add_argument(
        "--cash", type=arguments.number_from_zero, default=Decimal(0), help="dollars beside --hold"
    )
    _add_rules(command)
    command.set_defaults(command=_rebalance)


def _add_rules(command: CommandParser) -> None:
    command.add_argument(
        "--band",
        type=arguments.fraction,
        default=USUAL_TERMS.band,
        metavar="PART",
        help=f"the drift of a weight that is borne; {USUAL_TERMS.band} if left out",
    )
    command.add_argument(
        "--lot",
        type=arguments.whole_above_zero,
        default=USUAL_TERMS.lot,
        help=f"shares traded together; {USUAL_TERMS.lot}",
    )
    command.add_argument(
        "--half-spread",
        type=arguments.fraction,
        default=USUAL_TERMS.half_spread,
        metavar="PART",
        help=f"of a price, where no quote tells it; {USUAL_TERMS.half_spread} if left out",
    )
    command.add_argument(
        "--risk-aversion",
        type=arguments.number_above_zero,
        default=USUAL_TERMS.risk_aversion,
        help=f"what a drift is weighed with; {USUAL_TERMS.risk_aversion} if left out",
    )
    command.add_argument(
        "--short-rate",
        type=arguments.fraction,
        default=USUAL_TERMS.short_rate,
        metavar="PART",
        help=f"tax on gains of a year or less; {USUAL_TERMS.short_rate} if left out",
    )
    command.add_argument(
        "--long-rate",
        type=arguments.fraction,
        default=USUAL_TERMS.long_rate,
        metavar="PART",
        help=f"tax on longer ones; {USUAL_TERMS.long_rate} if left out",
    )


def _purchase(text: str) -> Purchase:
    from allusedesk.wiring.holdings import Purchase as Bought

    found = _HOLD.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no lot, write one such as AAPL=200@150.25:2019-01-07")
    name, shares, cost, day = found.groups()
    return Bought(
        name.upper(),
        arguments.whole_above_zero(shares),
        arguments.number_above_zero(cost),
        arguments.day(day),
    )


def _rebalance(options: Namespace) -> int:
    from allusedesk.portfolio.rebalancing import CannotRebalance
    from allusedesk.portfolio.tax_lots import ESTIMATE
    from allusedesk.wiring.holdings import trades_towards
    from allusedesk.wiring.requests import RequestRefused

    terms = RebalanceTerms(
        options.band,
        options.lot,
        options.half_spread,
        options.risk_aversion,
        options.short_rate,
        options.long_rate,
    )
    record = _on_record(options)
    if record is not None:
        # What the market did after the record's last close was not known to whoever holds this.
        options.last = record.on if options.last is None else options.last
    found, prices, caps, rulebook = constructed(options)
    try:
        record = record or _typed(options, prices)
        plan = trades_towards(found, prices, record, caps.buffer, rulebook, terms)
    except (CannotRebalance, RequestRefused) as refusal:
        raise Refusal(str(refusal)) from refusal
    if wants_json(options):
        print_json(
            {
                "on": record.on,
                "method": found.method,
                "equity": plan.equity,
                "cash_before": plan.cash_before,
                "cash_after": plan.cash_after,
                "cost": plan.cost,
                "tax": ESTIMATE,
                "rows": plan.rows,
                "cost_by_symbol": {row.name: row.cost for row in plan.rows},
                "notes": (*found.notes, *prices.notes),
            }
        )
        return DONE
    _print_plan(plan, record)
    print(f"Taxes: {ESTIMATE}. A loss counts as a saving; what it defers is not lost.")
    for note in (*found.notes, *prices.notes):
        print(note)
    return DONE


def _on_record(options: Namespace) -> OnRecord | None:
    """What the journal named holds; None where none is. Raises Refusal."""
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.wiring.holdings import holdings_on_record
    from allusedesk.wiring.requests import RequestRefused

    if options.journal is None:
        if options.account is not None:
            raise Refusal("--account is a sleeve of a journal: name the journal with --journal.")
        return None
    if options.hold or options.cash:
        raise Refusal("A journal tells its own holdings and cash: leave --hold and --cash out.")
    with journal_read(options.journal) as side:
        try:
            record = holdings_on_record(side, options.account)
        except RequestRefused as refusal:
            raise Refusal(str(refusal)) from refusal
    if options.last is not None and options.last > record.on:
        raise Refusal(
            f"The record's last close is of {record.on}: end --to there or before, or leave it out."
        )
    return record


def _typed(options: Namespace, prices: PriceTable) -> OnRecord:
    from allusedesk.domain.money import Money
    from allusedesk.wiring.holdings import holdings_typed

    return holdings_typed(options.hold, Money(options.cash), prices.returns.days[-1])


def _print_plan(plan: RebalancePlan, record: OnRecord) -> None:
    print_table(
        ("symbol", "weight", "target", "trade", "dollars", "commission", "spread", "tax", "use"),
        [
            (
                row.name,
                f"{row.weight * 100:.2f} %",
                f"{row.target * 100:.2f} %",
                f"{row.shares_signed:+,d}" if row.shares_signed else "-",
                row.amount,
                row.commission,
                row.spread,
                row.tax.tax,
                row.benefit,
            )
            for row in plan.rows
        ],
    )
    print()
    for row in plan.rows:
        verdict = "trade" if row.is_traded else "no trade"
        gains = ""
        if row.tax.short_gain or row.tax.long_gain or row.tax.washed:
            gains = (
                f"; gains {row.tax.short_gain.amount:,.2f} short, "
                f"{row.tax.long_gain.amount:,.2f} long"
            )
            if row.tax.washed:
                gains += f", {row.tax.washed.amount:,.2f} of losses deferred by wash sales"
        print(f"{row.name}: {verdict}, {row.reason}{gains}.")
    print()
    print_pairs(
        [
            ("on", record.on),
            ("equity", plan.equity),
            ("cash before", plan.cash_before),
            ("cash after", plan.cash_after),
            ("cost of the trades", plan.cost),
        ]
    )
