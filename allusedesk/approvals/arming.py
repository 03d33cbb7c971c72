"""The checklist of live arming, evaluated over what was measured and what a person states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from allusedesk.domain.arming import (
    STRATEGIES,
    ArmingEvidence,
    ArmingLine,
    TraderDeclaration,
    confirmation_of,
)
from allusedesk.protocol.rulebook import Rulebook

CLOCK_SECONDS_MAX = 1.0
PAPER_WEEKS_MIN = 2
# What was measured must still be true when it is judged.
_EVIDENCE_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What the record itself says: when book and broker last agreed, and of the kill switch.

    `sleeves` counts those with money in them; `halted_by` is empty while nothing stops the desk.
    """

    now: datetime
    today: date
    compared_at: datetime | None
    halted_by: str
    killed_at: datetime | None
    killed_on: date | None
    sleeves: int


def arming_lines(
    facts: DeskFacts,
    evidence: ArmingEvidence,
    declaration: TraderDeclaration,
    typed: str,
    rules: Rulebook,
) -> tuple[ArmingLine, ...]:
    """Every line of the checklist with its evidence; the desk is armed only if all hold."""
    return (
        *_measured(facts, evidence, rules),
        *_practised(facts, evidence),
        *_stated(facts, evidence, declaration),
        _line(
            "lock passphrase",
            evidence.is_unlocked,
            "It was given." if evidence.is_unlocked else "It was not given.",
        ),
        _line(
            "typed confirmation",
            bool(evidence.account) and typed == confirmation_of(evidence.account),
            f"{typed!r} was typed, {confirmation_of(evidence.account)!r} is wanted.",
        ),
    )


def _measured(facts: DeskFacts, evidence: ArmingEvidence, rules: Rulebook) -> Iterator[ArmingLine]:
    age = abs((facts.now - evidence.measured_at).total_seconds())
    yield _line(
        "measured now",
        age <= _EVIDENCE_SECONDS_MAX,
        f"It was measured {age:.0f} s ago, 60 at most.",
    )
    paper = {True: "a practice account", False: "real money", None: "of unknown kind"}
    yield _line(
        "broker reachable",
        evidence.is_line_up and bool(evidence.account) and evidence.is_paper is not None,
        f"Account {evidence.account}, {paper[evidence.is_paper]}."
        if evidence.is_line_up
        else "The line to the broker is down.",
    )
    is_agreed = facts.compared_at is not None and not facts.halted_by
    yield _line("book and broker agree", is_agreed, _agreement(facts))
    offset = evidence.clock_offset_seconds
    yield _line(
        "clock",
        offset is not None and abs(offset) <= CLOCK_SECONDS_MAX,
        "The broker's clock is not known."
        if offset is None
        else f"The broker's clock is {offset:+.2f} s from this machine's, 1 s at most.",
    )
    old, most = evidence.quote_age_seconds, float(rules.quotes.age_seconds_max)
    yield _line(
        "data fresh",
        old is not None and old <= most,
        "No quote has come yet."
        if old is None
        else f"The newest quote is {old:.0f} s old, {most:.0f} s at most.",
    )
    yield _line(
        "journal verified",
        not evidence.journal_fault and evidence.entries_verified > 0,
        evidence.journal_fault
        or f"{evidence.entries_verified} entries, chain head {evidence.chain_head[:12]}.",
    )
    drawdowns = ", ".join(
        f"{tier} {rules_of.drawdown_max}"
        for tier, rules_of in (
            ("gen", rules.accounts.gen),
            ("rev", rules.accounts.rev),
            ("com", rules.accounts.com),
        )
    )
    yield _line(
        "limits set",
        facts.sleeves > 0,
        f"{rules.id}: issuer {rules.capital.issuer_cap}, drawdown {drawdowns}; "
        f"{facts.sleeves} sleeves with money.",
    )


def _agreement(facts: DeskFacts) -> str:
    if facts.halted_by:
        return f"The desk is halted: {facts.halted_by}."
    if facts.compared_at is None:
        return "They were not compared since the line came up."
    return f"They were compared at {facts.compared_at:%Y-%m-%d %H:%M:%S} UTC."


def _practised(facts: DeskFacts, evidence: ArmingEvidence) -> Iterator[ArmingLine]:
    weeks = sorted({(paper.week.year, paper.week.number) for paper in evidence.paper_weeks})
    shown = ", ".join(f"{year}-W{number:02d}" for year, number in weeks[-4:]) or "none"
    is_practice = evidence.is_paper is True
    enough = f"Clean weeks on paper: {shown}; {PAPER_WEEKS_MIN} are needed for real money."
    yield _line("clean paper weeks", is_practice or len(weeks) >= PAPER_WEEKS_MIN, enough)
    is_tested = facts.killed_on is not None and _week(facts.killed_on) == _week(facts.today)
    yield _line(
        "kill switch tested this week",
        is_tested,
        "It was never used in this journal."
        if facts.killed_at is None
        else f"It was last used at {facts.killed_at:%Y-%m-%d %H:%M:%S} UTC.",
    )


def _week(day: date) -> tuple[int, int]:
    year, number, _ = day.isocalendar()
    return year, number


def _stated(
    facts: DeskFacts, evidence: ArmingEvidence, declaration: TraderDeclaration
) -> Iterator[ArmingLine]:
    levels = {one.strategy: one.level for one in declaration.permissions}
    told = evidence.options_level
    allowed = all(levels.get(name, 0) > 0 for name in STRATEGIES)
    within = told is None or all(level <= told for level in levels.values())
    shown = ", ".join(f"{name} {levels.get(name, 0) or 'none'}" for name in STRATEGIES)
    said = "the broker does not tell its own" if told is None else f"the broker tells {told}"
    yield _line("options level for each strategy", allowed and within, f"{shown}; {said}.")
    kind = evidence.margin_kind or "kind not told"
    yield _line(
        "account profile",
        bool(declaration.profile.strip()),
        f"{declaration.profile.strip() or 'Nothing was stated'}; the broker says: {kind}.",
    )
    received = declaration.disclosure_on
    yield _line(
        "options disclosure received",
        received is not None and received <= facts.today,
        "No day of receipt was stated." if received is None else f"Received on {received}.",
    )
    adviser = declaration.adviser.strip()
    owner = f"Confirmed by the adviser {adviser}." if adviser else "Neither was stated."
    yield _line(
        "own money or an adviser's word",
        declaration.is_own_money or bool(adviser),
        "The trader's own, as stated." if declaration.is_own_money else owner,
    )


def _line(name: str, passed: bool, evidence: str) -> ArmingLine:  # noqa: FBT001 - a verdict
    return ArmingLine(name, passed, evidence)
