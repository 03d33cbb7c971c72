"""The regulatory report as a statement: what a regulator or an auditor asks a desk for."""

from __future__ import annotations

from allusedesk.journal.evidence import Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.reports.evidence_pages import days_of, statement_of_period
from allusedesk.reports.regulatory.execution import BROKERS_DUTY, execution_section, quoted_as
from allusedesk.reports.regulatory.orders import approvals_section, trail_section
from allusedesk.reports.regulatory.values import (
    KeptFile,
    RegulatoryEvidence,
    new_york_of,
    utc_of,
)
from allusedesk.reports.statement import (
    Alignment,
    Block,
    Cell,
    Column,
    Figure,
    KeyFigures,
    Paragraph,
    Qualifier,
    Section,
    Statement,
    Table,
    Tone,
)
from allusedesk.reports.wording import counted, written_day

_RIGHT = Alignment.RIGHT
_MEASURED = Qualifier.MEASURED
OWN_RULE = "our own rule"


def build_regulatory_statement(evidence: RegulatoryEvidence) -> Statement:
    """The statement of one period, from its evidence alone."""
    return statement_of_period(
        evidence,
        "Regulatory report",
        days_of(evidence.period),
        (
            _glance(evidence),
            _breaches(evidence),
            execution_section(evidence),
            _halts(evidence),
            _rules(evidence),
            _arming(evidence),
            _corrections(evidence),
            _retention(evidence),
            approvals_section(evidence),
            trail_section(evidence),
        ),
    )


def _glance(evidence: RegulatoryEvidence) -> Section:
    seen, executions = evidence.seen, evidence.executions
    orders = {line.order for line in evidence.lines if line.what == "written"}
    broken = [one for one in evidence.requirements if not one.is_kept]
    asked = counted(len(evidence.requirements), "requirement")
    verdict = (
        f"Of {asked} below every one was kept."
        if not broken
        else f"Of {asked} below, {counted(len(broken), 'was', 'were')} not kept: "
        f"{', '.join(one.title for one in broken)}."
    )
    breaches, exceptions = seen.of(Topic.BREACH), seen.of(Topic.EXCEPTION)
    figures = (
        Figure("Orders written", len(orders), _MEASURED),
        Figure("Fills", len(executions), _MEASURED),
        Figure("Answers", len(seen.answers), _MEASURED, "approvals, rejections, lapses"),
        Figure("Breaches and stops", len(breaches), _MEASURED, "and their ends"),
        Figure("Exceptions", len(exceptions), _MEASURED, "warned of, and done"),
        Figure("Alerts and halts", len(seen.of(Topic.HALT)), _MEASURED),
        Figure("Rules and trust", len(seen.of(Topic.RULES)), _MEASURED, "changes by a person"),
        Figure("Differences with the broker", _differences(seen.happenings), _MEASURED),
    )
    return Section(
        "At a glance",
        (
            KeyFigures(figures),
            Paragraph(f"{verdict} {_mode_words(evidence)}"),
            Table(
                "What is asked, and what the record shows up to the end of the period",
                (
                    Column("Requirement"),
                    Column("Stands"),
                    Column("Evidence"),
                    Column("Source"),
                ),
                tuple(
                    (one.title, "kept" if one.is_kept else "NOT KEPT", one.evidence, one.source)
                    for one in evidence.requirements
                ),
            ),
            Paragraph(
                f"Judged by the broker profile {evidence.rules.profile}, as the requirements stood "
                "when the profile was written; evidence and no legal advice, and the broker's own "
                f"verdict counts for more. {BROKERS_DUTY}",
                Tone.NOTE,
            ),
            Paragraph(
                f"This report covers the journal's entries {seen.sequence_first:,} to "
                f"{seen.sequence_last:,}, each of which carries the hash of the one before. The "
                f"chain head on every page is that of entry {evidence.sequence_head:,}, the last "
                "when the report was made; journal verify recomputes it, and report verify holds a "
                f"pack against its journal. The journal was begun by {evidence.program}.",
                Tone.NOTE,
            ),
        ),
    )


def _mode_words(evidence: RegulatoryEvidence) -> str:
    if evidence.mode == "LIVE":
        return "The desk was opened for live trading with a real broker."
    modelled = quoted_as(evidence.executions) is Qualifier.MODELLED
    priced = "modelled, at least in part" if modelled else "recorded"
    return (
        f"This is a {evidence.mode.lower()} desk: its broker is simulated, no order reached a "
        f"market, and its quotes are {priced}."
    )


def _differences(happenings: tuple[Happening, ...]) -> int:
    return sum(one.topic is Topic.CORRECTION for one in happenings)


def _told(title: str, found: tuple[Happening, ...], empty: str) -> Table:
    """Happenings with their times and entries, their words below each."""
    has_done = any(one.done for one in found)
    columns = [
        Column("Entry", _RIGHT, qualifier=_MEASURED),
        Column("UTC"),
        Column("New York"),
        Column("Who"),
        Column("What"),
    ]
    if has_done:
        columns.append(Column("What was done"))
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        done = (one.done or "recorded; nothing followed from it at this look",) if has_done else ()
        clock = new_york_of(one.at)[11:]
        rows.append((one.entry, utc_of(one.at), clock, one.by, one.what, *done))
    return Table(title, tuple(columns), tuple(rows), empty=empty)


def _breaches(evidence: RegulatoryEvidence) -> Section:
    breaches, exceptions = evidence.seen.of(Topic.BREACH), evidence.seen.of(Topic.EXCEPTION)
    blocks: tuple[Block, ...] = (
        Paragraph(
            "A breach is a level at which the rulebook asks for more than a closer look (L2 and "
            "L3, or mandatory), a breaker that tripped, a proposal that the desk's own checks "
            "refused, a sleeve that was frozen or put under recovery, and a limit that was near or "
            "passed; what was done stands beside "
            "it with its entries. An exception is what a gate warned of and a person or policy let "
            "pass, since closes and rolls are warned of and never blocked, and whatever an order "
            "met that it should not."
        ),
        Paragraph(
            "Source: the rulebook's own limits; SEC Rule 15c3-5 asks brokers with market access "
            "for pre-trade risk controls, and these are this desk's.",
            Tone.NOTE,
        ),
        _told("Breaches and stops", breaches, "There was no breach and no stop in this period."),
        _told("Exceptions", exceptions, "There was no exception in this period."),
    )
    return Section("Breaches and exceptions", blocks)


def _halts(evidence: RegulatoryEvidence) -> Section:
    found = evidence.seen.of(Topic.HALT)
    return Section(
        "Alerts and halts",
        (
            Paragraph(f"Source: {OWN_RULE}. Alerts are of the desk's own health.", Tone.NOTE),
            _told(
                "Alerts, halts and orders of a person",
                found,
                "There was no alert, no halt and no order of a person in this period.",
            ),
        ),
    )


def _rules(evidence: RegulatoryEvidence) -> Section:
    rules = evidence.rules
    if not rules.published:
        held = "No published rulebook bears its name, so it was held against none."
    elif not rules.differences:
        held = f"It is the published {rules.published}, without a difference."
    else:
        differing = counted(len(rules.differences), "rule")
        held = f"It differs from the published {rules.published} in {differing}."
    blocks: list[Block] = [
        Paragraph(
            f"The rules in force are {evidence.rulebook}; their whole text stands in the journal's "
            f"first entry and cannot change within it. {held} A change is written by rulebook "
            "propose, rehearsed, and approved by a person by name with rulebook approve; the "
            "changed text then opens a journal of its own."
        ),
        Paragraph(
            f"Source: {OWN_RULE}; a rulebook change is never automatic and never without a "
            "rehearsal and a person.",
            Tone.NOTE,
        ),
    ]
    if rules.differences:
        blocks.append(
            Table(
                f"Differences from the published {rules.published}",
                (Column("Rule"), Column("Published"), Column("In force")),
                rules.differences,
            )
        )
    blocks += [
        Table(
            "Changelog of the rules in force",
            (Column("Version and change"),),
            tuple((line,) for line in rules.changelog),
            empty="The text holds no changelog.",
        ),
        _told(
            "Strategies, trust and second signatures, as persons set them",
            evidence.seen.of(Topic.RULES),
            "No strategy, no level of trust and no second signature was changed in this period.",
        ),
    ]
    return Section("Rules and their changes", tuple(blocks))


def _arming(evidence: RegulatoryEvidence) -> Section:
    return Section(
        "Arming and access",
        (
            Paragraph(
                f"Source: {OWN_RULE}; FINRA Rule 2360(b)(16) asks for the options level and the "
                "disclosure that a checklist for live trading records.",
                Tone.NOTE,
            ),
            _told(
                "Arming, disarming, the lock and restarts",
                evidence.seen.of(Topic.ARMING),
                "The desk was neither armed nor disarmed, locked nor restarted in this period.",
            ),
        ),
    )


def _corrections(evidence: RegulatoryEvidence) -> Section:
    compared = counted(evidence.seen.comparisons, "time")
    return Section(
        "Corrections and reconciliation",
        (
            Paragraph(
                f"Book and broker were compared {compared} in this period. No entry is ever "
                "changed: what was wrong is put right by a later entry, and both stay."
            ),
            Paragraph(
                f"Source: {OWN_RULE}; SEC Rule 17a-3(a)(2) and (3) ask brokers for ledgers that "
                "agree.",
                Tone.NOTE,
            ),
            _told(
                "Differences found, and reports that changed nothing",
                evidence.seen.of(Topic.CORRECTION),
                "No difference was found and no report was ignored in this period.",
            ),
        ),
    )


def _retention(evidence: RegulatoryEvidence) -> Section:
    until = evidence.keep_until
    kept = (
        ""
        if until is None
        else f" The records of this period are to be kept until {written_day(until)}."
    )
    return Section(
        "Retention",
        (
            Paragraph(
                "Records are kept for seven years by our own rule; SEC Rule 17a-4(a) asks brokers "
                f"for six.{kept} Nothing in the desk deletes a journal; the newest copies made day "
                "by day stay, older ones make room."
            ),
            Table(
                "Journals and copies beside this one",
                (
                    Column("File"),
                    Column("Entries", _RIGHT, qualifier=_MEASURED),
                    Column("First day"),
                    Column("Last day"),
                    Column("Days behind", _RIGHT, qualifier=_MEASURED),
                    Column("Chain head, or what is wrong"),
                ),
                tuple(_kept_row(one) for one in evidence.kept),
                empty="There is no other journal and no copy beside this one.",
            ),
        ),
    )


def _kept_row(one: KeptFile) -> tuple[Cell, ...]:
    if one.fault:
        return one.name, None, None, None, None, one.fault
    return one.name, one.entries, one.first, one.last, one.days_behind, one.chain_head[:16]
