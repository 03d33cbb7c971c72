"""`allusedesk brief`: what the desk says by itself before the open and after the close."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json

if TYPE_CHECKING:
    from allusedesk.answers.answer import Part, Sentence
    from allusedesk.answers.brief import Brief

_KINDS = ("morning", "evening")


def add_commands(commands: Commands) -> None:
    """Add `brief`."""
    command = commands.add_parser(
        "brief",
        help="what is due, what changed and what needs you, or what the day came to",
        description="The morning brief: the condition, what needs you, what came overnight, what "
        "is due. The evening brief: what was done and under which rule, the result by sleeve "
        "against its target, what stays open, what is next. Of a past day it tells what was "
        "known then; numbers in brackets are entries of the journal.",
        example="allusedesk brief evening out/rehearsal.journal",
    )
    command.add_argument("kind", choices=_KINDS, help="before the open, or after the close")
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.add_argument(
        "--day", type=arguments.day, metavar="DAY", help="the record's last one if left out"
    )
    command.set_defaults(command=_brief)


def _brief(options: Namespace) -> int:
    from allusedesk.answers.brief import BriefKind
    from allusedesk.journal.faults import JournalFault
    from allusedesk.wiring.briefing import NoBrief, brief_from

    try:
        found = brief_from(options.journal, BriefKind(options.kind), options.day)
    except (JournalFault, NoBrief) as fault:
        raise Refusal(str(fault)) from fault
    if wants_json(options):
        print_json(_in_json(found))
    else:
        print(found.text, end="")
    return DONE


def _in_json(found: Brief) -> dict[str, object]:
    return {
        "kind": found.kind,
        "day": found.day,
        "at": found.at,
        "mode": found.mode,
        "sequence": found.sequence,
        "headline": _sentence(found.headline),
        "parts": [
            {"title": part.title, "sentences": [_sentence(one) for one in part.sentences]}
            for part in found.parts
        ],
        "entries": found.entries,
    }


def _sentence(one: Sentence) -> dict[str, object]:
    return {"text": one.text, "entries": one.entries, "parts": [_part(each) for each in one.parts]}


def _part(part: Part) -> object:
    if isinstance(part, str):
        return part
    return {"text": part.text, "entries": part.entries, "nature": part.nature}
