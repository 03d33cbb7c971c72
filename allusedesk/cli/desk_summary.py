"""What came of a run, from its journal: one object for machines, tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from allusedesk.cli.printing import print_pairs, print_table
from allusedesk.domain.inputs import DeskOpened
from allusedesk.domain.money import Money
from allusedesk.journal.queries import answers, practice, record
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.words.figures import in_words
from allusedesk.protocol.rulebook_text import parse_rulebook
from allusedesk.protocol.week_types import frequencies_normalised

_SHOWN = Decimal("0.0001")


def summary_of(journal: Path, seconds: float | None = None) -> dict[str, Any]:
    """Counts, results and choices; money and fractions are exact, by sleeve where they differ.

    `seconds` is what the run took, None where a journal is only looked at.
    """
    with ReadSide.open(journal) as side:
        entries, chain_head = side.journal.head()
        counts = record.counts(side)
        header = record.desk_header(side)
        spans = record.equity_by_sleeve(side)
        refused = record.refusals_by_rule(side)
        turned_down = record.turned_down_by_rule(side)
        quoted = _outcomes_quoted(side)
        return {
            "mode": header.mode if header else "",
            "rulebook": header.rulebook if header else "",
            "seed": header.seed if header else None,
            "weeks": counts.weeks,
            "proposals": counts.proposals,
            "orders": counts.orders,
            "fills": counts.fills,
            "forks": counts.forks,
            "merges": counts.merges,
            "refused": dict(sorted((Counter(refused) + Counter(turned_down)).items())),
            "refused_proposals": refused,
            "refused_candidates": turned_down,
            "outcomes": record.outcome_counts(side),
            "outcomes_quoted": quoted["shares"],
            "outcomes_quoted_note": quoted["note"],
            "labels": record.label_counts(side),
            "conditions": record.condition_counts(side),
            "equity_start": {span.account: span.start for span in spans},
            "equity_end": {span.account: span.end for span in spans},
            "max_drawdown": record.max_drawdown(side),
            "weekly_return": record.mean_weekly_return(side),
            "weekly_target": record.mean_weekly_target(side),
            "modelled_quotes_share": record.modelled_share(side),
            "practice": _practice(side),
            "journal": journal.resolve(),
            "chain_head": chain_head,
            "entries": entries,
            "seconds": seconds,
            "choices": header.notes.splitlines() if header else [],
        }


def _practice(side: ReadSide) -> dict[str, Any]:
    """How often the rules found what they were looking for."""
    return {
        "sleeves": practice.earned_by_sleeve(side),
        "bands": practice.bands_without_strike(side),
        "unaffordable": practice.unaffordable_lots(side),
        "levels": practice.levels_reached(side),
        "rolls": practice.rolls_of_puts(side),
        "hedges": practice.hedges_bought(side),
        "breakers": practice.breakers_tripped(side),
        "proposals": practice.proposals_by_end(side),
        "answers": answers.answers_by_effect(side),
        "reasons": answers.reason_counts(side),
    }


def _outcomes_quoted(side: ReadSide) -> dict[str, Any]:
    """The part of all weeks the rulebook quotes each outcome with, to hold the counts against."""
    opened = next(iter(side.journal.read(1, 1)), None)
    if opened is None or not isinstance(opened.event, DeskOpened):
        return {"shares": {}, "note": ""}
    quoted = frequencies_normalised(parse_rulebook(opened.event.rulebook_text))
    shares = {code: share.quantize(_SHOWN) for code, share in quoted.shares}
    return {"shares": shares, "note": quoted.note}


def print_summary(summary: Mapping[str, Any]) -> None:
    """The same for a person."""
    print(f"{summary['mode']}\n\nData used")
    for choice in summary["choices"]:
        print(f"  {choice}")
    print()
    starts, ends = summary["equity_start"], summary["equity_end"]
    rows = [
        (
            account,
            starts[account],
            ends[account],
            _percent(summary["weekly_return"].get(account)),
            _percent(summary["weekly_target"].get(account)),
        )
        for account in starts
    ]
    print_table(("sleeve", "start", "end", "mean week", "target"), rows)
    print()
    _print_practice(summary["practice"])
    print_pairs(
        [
            ("equity at the end", _total(ends)),
            ("deepest drawdown", _percent(summary["max_drawdown"])),
            ("weeks", summary["weeks"]),
            ("proposals", summary["proposals"]),
            ("orders", summary["orders"]),
            ("fills", summary["fills"]),
            ("forks, merges", f"{summary['forks']}, {summary['merges']}"),
            ("conditions", _counted(summary["conditions"])),
            ("outcomes", _counted(summary["outcomes"])),
            ("outcomes quoted", _shares(summary["outcomes_quoted"])),
            ("", summary["outcomes_quoted_note"]),
            ("labels", _counted(summary["labels"])),
            ("refused by rule", _counted(summary["refused"])),
            ("modelled quotes", _percent(summary["modelled_quotes_share"])),
            ("journal", summary["journal"]),
            ("chain head", summary["chain_head"]),
            ("entries", summary["entries"]),
            *_seconds(summary["seconds"]),
        ]
    )


def _print_practice(found: Mapping[str, Any]) -> None:
    """Earned against target and bands by sleeve, then levels, rolls, hedges and lots too dear."""
    bands = {band.account: band for band in found["bands"]}
    rows = [
        (
            one.account,
            one.earned,
            one.wanted,
            f"{one.weeks_reached} of {one.weeks}",
            one.idle,
            _in_vain(bands[one.account]),
        )
        for one in found["sleeves"]
    ]
    titles = (
        "sleeve",
        "earned",
        "target",
        "weeks at target",
        "idle weeks",
        "no strike in the band",
    )
    print_table(titles, rows)
    print()
    rolls, hedges = found["rolls"], found["hedges"]
    levels = [f"{one.positions} {one.holding} at {one.level}" for one in found["levels"]]
    print_pairs(
        [
            ("levels reached", ", ".join(levels) or "none"),
            ("puts to be rolled", _rolls(rolls)),
            ("puts left at once", f"{rolls.exits}, {rolls.exits_traded} traded"),
            ("hedges called for", hedges.called),
            ("hedges bought", f"{hedges.bought}; none to be had in {hedges.weeks_without} weeks"),
            ("breakers tripped", _counted(found["breakers"])),
            ("proposals ended", _counted(found["proposals"])),
            ("persons' answers", _counted(found["answers"])),
            ("overruled because", _reasons(found["reasons"])),
            *((f"{one.account} too small", _too_small(one)) for one in found["unaffordable"]),
        ]
    )
    print()


def _reasons(found: Sequence[answers.ReasonCount]) -> str:
    told = [f"{one.kind} {one.effect}: {one.reason or 'no reason'} {one.count}" for one in found]
    return "; ".join(told) or "never"


def _too_small(one: practice.Unaffordable) -> str:
    reason = in_words(one.symbol, one.reason)
    return f"for {one.symbol} in {one.weeks} weeks, at last since {reason}"


def _rolls(rolls: practice.RollCount) -> str:
    return f"a roll found {rolls.found} times, {rolls.traded} traded; none {rolls.none} times"


def _in_vain(band: practice.BandCount) -> str:
    return f"{band.empty} of {band.tried} ({_percent(band.share)})"


def _seconds(passed: float | None) -> list[tuple[str, str]]:
    return [] if passed is None else [("seconds", f"{passed:.1f}")]


def _total(amounts: Mapping[str, Money]) -> Money:
    whole = Money(Decimal(0))
    for amount in amounts.values():
        whole = whole + amount
    return whole


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _shares(shares: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{name} {_percent(share)}" for name, share in shares.items()) or "none"


def _percent(fraction: Decimal | None) -> str:
    return "-" if fraction is None else f"{fraction * 100:.2f}%"
