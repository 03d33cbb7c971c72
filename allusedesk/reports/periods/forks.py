"""The part of a longer period's statement about forks and merges."""

from __future__ import annotations

from allusedesk.journal.period_evidence import PeriodEvidence
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.reports.periods.words import seen_as
from allusedesk.reports.statement import Block, Heading, Paragraph, Section, Tone
from allusedesk.reports.weekly.fork_distance import branching_told, fork_table


def forks_section(evidence: PeriodEvidence, rulebook: Rulebook) -> Section:
    """Families that came and went, and how far the next fork or merge is at the last close."""
    floors = {one.account: one.floor for one in evidence.figures}
    blocks: list[Block] = [Heading("Families that came and went")]
    blocks += [Paragraph(branching_told(one)) for one in evidence.branchings]
    if not evidence.branchings:
        blocks.append(Paragraph("No family was forked and none came home in this period."))
    blocks.append(
        Paragraph(
            f"At the close of {evidence.days[-1].on.isoformat()}. A sleeve's surplus is its equity "
            "above its base: what it was opened with, plus deposits less withdrawals, plus the "
            "gains that were kept for contracts.",
            Tone.NOTE,
        )
    )
    blocks.append(
        fork_table(evidence.marks_end, floors, evidence.sleeves, rulebook, seen_as(evidence))
    )
    return Section("Forks and merges", tuple(blocks))
