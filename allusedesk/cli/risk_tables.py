"""A book's risk on paper: tables for people, plain values for machines."""

from __future__ import annotations

from collections.abc import Sequence

from allusedesk.cli.printing import print_pairs, print_table
from allusedesk.engine.what_if.book import BookRisk, with_their_sum
from allusedesk.reports.wording import counted
from allusedesk.risk.backtesting_of_var import VarRecord
from allusedesk.risk.edges import Against
from allusedesk.risk.liquidity import PARTICIPATION, Exit

_EXITS_SHOWN = 15


def print_risk(found: BookRisk, held: VarRecord | None, traded: VarRecord | None) -> None:
    """Losses and both records of them, edges, betas, concentration and ways out."""
    _print_head(found)
    equity = float(found.equity.amount)
    if found.losses:
        one = found.losses[0]
        ahead = counted(one.days, "session")
        print(f"\nLoss over {ahead} at {100.0 * one.confidence:.10g}%:")
        rows = [
            (
                loss.way,
                f"{loss.value_at_risk:z,.0f}",
                _share(loss.value_at_risk, equity),
                f"{loss.expected_shortfall:z,.0f}",
                _share(loss.expected_shortfall, equity),
                loss.outcomes or None,
            )
            for loss in found.losses
        ]
        print_table(("way", "VaR", "of equity", "CVaR", "of equity", "outcomes"), rows)
    _print_record("with the book left alone", held)
    _print_record("as the book was traded on", traded)
    if found.edges:
        print("\nAgainst the desk's own edges, as parts of equity:")
        titles = ("figure", "now", "soft", "hard", "left to soft", "left to hard", "stands")
        print_table(titles, [_edge_row(one) for one in found.edges])
    if found.betas:
        _print_betas(found)
    if found.issuers.shares:
        named = ", ".join(f"{name} {share:.0%}" for name, share in found.issuers.shares[:5])
        print(
            f"\nConcentration: {named}; as concentrated as {found.issuers.names_as_if:.1f} equal "
            f"names (Herfindahl {found.issuers.herfindahl:.2f})."
        )
    if found.exits:
        _print_exits(found.exits)
    if found.notes:
        print()
    for note in found.notes:
        print(note)


def print_stress(found: BookRisk) -> None:
    """Every scenario with what it would bring or cost, and shifts of the rate."""
    _print_head(found)
    equity = float(found.equity.amount)
    rows = [
        (
            one.scenario.id,
            one.scenario.name,
            f"{one.scenario.move:+.1%}",
            f"x {one.scenario.factor:.2f}",
            f"{one.total:+z,.0f}",
            _share(one.total, equity),
            "-" if one.total_by_beta is None else f"{one.total_by_beta:+z,.0f}",
            one.by_underlying[0][0] if one.by_underlying else "-",
        )
        for one in found.scenarios
    ]
    print()
    titles = ("id", "scenario", "market", "volatility", "gain", "of equity", "by beta", "worst in")
    print_table(titles, rows)
    print()
    shifts = [(f"{shift:+.2%}", f"{gain:+z,.0f}") for shift, gain in found.rates]
    print_table(("rate moves by", "gain"), shifts)
    print("\nWhat is held now, followed as it is: nothing is rolled, closed or sold on the way.")
    for note in found.notes:
        print(note)


def edge_in_json(one: Against) -> dict[str, object]:
    """A figure with its edges and what is left to each."""
    return {
        "name": one.edges.name,
        "value": one.value,
        "soft": one.edges.soft,
        "hard": one.edges.hard,
        "left_to_soft": one.left_to_soft,
        "left_to_hard": one.left_to_hard,
        "state": one.state,
    }


def exit_in_json(one: Exit) -> dict[str, object]:
    """What getting out of an instrument takes; the instrument by its name."""
    return {
        "instrument": str(one.instrument),
        "quantity": one.quantity,
        "volume_average": one.volume_average,
        "days": one.days,
        "spread_cost": one.spread_cost,
    }


def _print_head(found: BookRisk) -> None:
    print_pairs(
        [
            ("as of", f"{found.at:%Y-%m-%d %H:%M} UTC"),
            ("equity", found.equity),
            ("lots held", found.lots),
        ]
    )


def _print_record(of_what: str, record: VarRecord | None) -> None:
    if record is None:
        print(f"\nNo record {of_what}: no day yet for which a loss was both told and seen.")
        return
    added = "" if record.light.added is None else f", Basel adds {record.light.added:.2f}"
    seen = f"{counted(record.exceptions, 'exception')} in {counted(record.days, 'day')}"
    print(
        f"\nThe record of one session ahead, {of_what}: {seen}, "
        f"{record.expected:.1f} expected; {record.light.zone.value}{added}."
    )
    print_table(
        ("test", "ratio", "probability"),
        [
            (name, f"{test.ratio:.4f}", f"{test.probability:.4f}")
            for name, test in (
                ("Kupiec, proportion of failures", record.coverage),
                ("Christoffersen, independence", record.independence),
                ("Christoffersen, conditional coverage", record.conditional),
            )
        ],
    )


def _print_betas(found: BookRisk) -> None:
    first = next((one.beta for one in found.betas if one.beta is not None), None)
    window = (
        "no beta could be measured, so 1 is taken"
        if first is None
        else f"on {first.index}, {first.sessions} sessions {first.first} to {first.last}"
    )
    print(f"\nGreeks by beta ({window}):")
    rows = [
        (
            one.underlying,
            "-" if one.beta is None else f"{one.beta.value:.2f}",
            "-" if one.beta is None else f"{one.beta.fit:.0%}",
            f"{one.delta:+z,.0f}",
            f"{one.weighted_delta:+z,.0f}",
            f"{one.weighted_gamma:+z,.0f}",
            f"{one.theta:+z,.0f}",
            f"{one.vega:+z,.0f}",
        )
        for one in with_their_sum(found.betas)
    ]
    titles = (
        "symbol",
        "beta",
        "fit",
        "delta $",
        "weighted $",
        "weighted gamma $/1%",
        "theta/day",
        "vega/pt",
    )
    print_table(titles, rows)


def _print_exits(exits: Sequence[Exit]) -> None:
    print(f"\nWays out, at {PARTICIPATION:.0%} of the average day's volume:")
    rows = [
        (
            str(one.instrument),
            one.quantity,
            None if one.volume_average is None else round(one.volume_average),
            one.days,
            one.spread_cost,
        )
        for one in exits[:_EXITS_SHOWN]
    ]
    print_table(("instrument", "held", "volume a day", "days", "half the spread"), rows)
    if len(exits) > _EXITS_SHOWN:
        print(f"and {len(exits) - _EXITS_SHOWN} more that close sooner.")


def _edge_row(one: Against) -> tuple[str, ...]:
    return (
        one.title,
        f"{one.value:z.1%}",
        f"{one.edges.soft:.0%}",
        f"{one.edges.hard:.0%}",
        f"{one.left_to_soft:z.1%}",
        f"{one.left_to_hard:z.1%}",
        one.state.value,
    )


def _share(amount: float, equity: float) -> str:
    return f"{amount / equity:z.1%}" if equity > 0 else "-"
