"""`allusedesk portfolio construct`: target weights under the caps, in whole lots."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, CommandParser, Commands, Refusal, wants_json
from allusedesk.cli.price_options import add_prices
from allusedesk.cli.printing import print_json, print_pairs, print_table

if TYPE_CHECKING:
    from allusedesk.portfolio.affording import Afforded
    from allusedesk.portfolio.construction import Caps, Construction
    from allusedesk.protocol.rulebook import Rulebook
    from allusedesk.wiring.price_tables import PriceTable

_METHODS = (
    "minimum-variance",
    "minimum-cvar",
    "risk-budgeting",
    "hierarchical-risk-parity",
    "maximum-sharpe",
    "equal-weight",
)
_TIERS = ("gen", "rev", "com")


def add_price_options(command: CommandParser) -> None:
    """Add where prices are, whose, and the days."""
    add_prices(command, "a file, an archive or a folder with prices", is_required=True)
    command.add_argument(
        "--symbols", required=True, type=symbols_listed, metavar="A,B,C", help="what may be held"
    )
    command.add_argument("--from", dest="first", type=arguments.day, help="first day of prices")
    command.add_argument("--to", dest="last", type=arguments.day, help="last day of prices")


def add_weight_options(command: CommandParser) -> None:
    """Add how weights are chosen and what caps them."""
    command.add_argument(
        "--method",
        choices=_METHODS,
        default="minimum-variance",
        help="minimum-variance if left out",
    )
    command.add_argument(
        "--rulebook", default="classic", metavar="NAME", help="whose caps; classic if left out"
    )
    command.add_argument(
        "--tier", choices=_TIERS, help="the sleeve whose caps hold; the whole desk's if left out"
    )
    command.add_argument(
        "--cap",
        type=arguments.fraction,
        metavar="PART",
        help="a stricter cap per symbol of your own, such as 0.2",
    )


def add_construct(questions: Commands) -> None:
    """Add `construct`."""
    command = questions.add_parser(
        "construct",
        help="target weights from daily returns, under the protocol's caps, in whole lots",
        example="allusedesk portfolio construct --data resources/sample_market --symbols "
        "AAPL,IBM,MSFT --method equal-weight --rulebook constitution --tier gen "
        "--capital 400000",
    )
    add_price_options(command)
    add_weight_options(command)
    command.add_argument(
        "--capital", type=arguments.number_above_zero, help="dollars, to count whole lots with"
    )
    command.set_defaults(command=_construct)


def symbols_listed(text: str) -> tuple[str, ...]:
    """Symbols with commas between them. Raises Refusal where there is none."""
    found = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    if not found:
        raise Refusal("No symbol was named: write them with commas between, such as AAPL,MSFT.")
    return found


def constructed(options: Namespace) -> tuple[Construction, PriceTable, Caps, Rulebook]:
    """The weights the options ask for, with the prices behind them. Raises Refusal."""
    from allusedesk.cli.progress import steps_passing
    from allusedesk.cli.rulebook_choice import rulebook_chosen
    from allusedesk.market.history import FileRefused
    from allusedesk.portfolio.construction import CannotConstruct, Method, construct
    from allusedesk.wiring.price_tables import price_table
    from allusedesk.wiring.requests import RequestRefused

    rulebook = rulebook_chosen(options.rulebook)
    caps = _caps(options, rulebook)
    try:
        with steps_passing(None, "weighing"):
            prices = price_table(options.data, options.symbols, options.first, options.last)
            method = Method[options.method.replace("-", "_").upper()]
            found = construct(prices.returns, method, caps, prices.rate_year)
    except (CannotConstruct, FileRefused, RequestRefused) as refusal:
        raise Refusal(str(refusal)) from refusal
    return found, prices, caps, rulebook


def _caps(options: Namespace, rulebook: Rulebook) -> Caps:
    """The caps asked for. Raises Refusal where two symbols share one."""
    from allusedesk.domain.accounts import AccountKind
    from allusedesk.portfolio.affording import caps_of

    seen: dict[str, str] = {}
    for symbol in options.symbols:
        issuer = rulebook.issuer_of(symbol)
        if seen.get(issuer) == symbol:
            raise Refusal(f"{symbol} is named twice: name it once.")
        if issuer in seen:
            raise Refusal(
                f"{seen[issuer]} and {symbol} are one issuer to {rulebook.id}, so they share one "
                "cap: name one of them."
            )
        seen[issuer] = symbol
    kind = None if options.tier is None else AccountKind(options.tier)
    return caps_of(rulebook, kind, options.cap)


def _construct(options: Namespace) -> int:
    found, prices, caps, rulebook = constructed(options)
    lots = _lots(options, found, prices, rulebook)
    if wants_json(options):
        print_json(
            {
                "method": found.method,
                "rulebook": rulebook.id,
                "tier": options.tier or "desk",
                "cap": caps.symbol,
                "buffer": caps.buffer,
                "first": prices.returns.days[0],
                "last": prices.returns.days[-1],
                "weights": found.weights,
                "cash": found.cash,
                "evidence": found.evidence,
                "lots": lots,
                "notes": (*found.notes, *prices.notes),
            }
        )
        return DONE
    _print_weights(found)
    if lots:
        print()
        _print_lots(lots)
    print()
    evidence = found.evidence
    cap = "none" if caps.symbol is None else f"{caps.symbol * 100:.2f} % of equity"
    print_pairs(
        [
            ("days", f"{evidence.rows}, {prices.returns.days[0]} to {prices.returns.days[-1]}"),
            ("cap per symbol", f"{cap} ({rulebook.id}, {options.tier or 'whole desk'})"),
            ("cash buffer", f"{caps.buffer * 100:.2f} %"),
            ("mean a year", f"{evidence.mean_year:z.2%} in the past, no forecast"),
            ("volatility", f"{evidence.volatility_year:.2%} a year"),
            ("CVaR 95 %", f"{evidence.cvar:z.2%} of equity in a day"),
            (
                "concentration",
                f"{evidence.concentration:.4f}, as {evidence.names_effective:.1f} equal names",
            ),
        ]
    )
    for note in (*found.notes, *prices.notes):
        print(note)
    return DONE


def _lots(
    options: Namespace, found: Construction, prices: PriceTable, rulebook: Rulebook
) -> tuple[Afforded, ...]:
    if options.capital is None:
        return ()
    from allusedesk.domain.money import Money
    from allusedesk.portfolio.affording import lots_afforded
    from allusedesk.portfolio.construction import CannotConstruct
    from allusedesk.protocol.costs import contract_commission

    try:
        return lots_afforded(
            found.weights,
            Money(options.capital),
            dict(prices.closes),
            contract_commission(1, rulebook),
        )
    except CannotConstruct as refusal:
        raise Refusal(str(refusal)) from refusal


def _print_weights(found: Construction) -> None:
    print_table(
        ("symbol", "weight", "part of risk", "bound by"),
        [
            (
                one.name,
                f"{one.weight * 100:.2f} %",
                f"{one.risk_share:.1%}",
                "cap" if one.is_capped else "",
            )
            for one in found.weights
        ]
        + [("cash", f"{found.cash * 100:.2f} %", "", "")],
    )


def _print_lots(lots: tuple[Afforded, ...]) -> None:
    print_table(
        ("symbol", "lots", "a lot costs", "tied up", "reached", "without a lot"),
        [
            (
                one.name,
                one.lots,
                one.lot_cost,
                one.tied_up,
                f"{one.reached * 100:.2f} %",
                ""
                if one.lots or one.equity_needed is None
                else f"needs {one.equity_needed.amount:,.2f}",
            )
            for one in lots
        ],
    )
