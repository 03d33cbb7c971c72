"""`allusedesk ask`: a question in plain English, answered from a journal."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from allusedesk.answers.answer import Answer, Part


def add_commands(commands: Commands) -> None:
    """Add `ask`."""
    ask = commands.add_parser(
        "ask",
        help="a question in plain English, answered from the record with entry numbers",
        example='allusedesk ask "How far is Gen from a fork?" --journal out/rehearsal.journal',
    )
    ask.add_argument(
        "question", metavar="QUESTION", help='in quotes; "What can I ask?" lists examples'
    )
    ask.add_argument("--journal", required=True, type=Path, metavar="J", help="the journal's file")
    ask.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help='the question before, so that "and for Rev?" is understood; may stand several times',
    )
    ask.set_defaults(command=_ask)


def _ask(options: Namespace) -> int:
    from allusedesk.answers.answer import Conversation, Standing
    from allusedesk.journal.faults import JournalFault
    from allusedesk.protocol.rulebook_text import RulebookRefused
    from allusedesk.wiring.answering import Answerer

    answerer, conversation = Answerer(options.journal), Conversation()
    try:
        for question in options.after:
            _, conversation = answerer.answer(question, conversation)
        found, _ = answerer.answer(options.question, conversation)
    except (JournalFault, RulebookRefused) as fault:
        raise Refusal(str(fault)) from fault
    if wants_json(options):
        print_json(_in_json(found))
    else:
        _print(found)
    return DONE if found.standing is Standing.ANSWERED else ANSWER_IS_NO


def _print(found: Answer) -> None:
    for sentence in found.sentences:
        print(_cited(sentence.text, sentence.entries))
    if found.table is not None and found.table.rows:
        print()
        rows = [(*[_shown(part) for part in row], _entries(_of(row))) for row in found.table.rows]
        print_table((*found.table.titles, "entries"), rows)
    if found.follow_ups and found.intent:
        print(f"\nAsk also: {'  '.join(found.follow_ups)}")


def _cited(text: str, entries: tuple[int, ...]) -> str:
    return f"{text}  {_entries(entries)}" if entries else text


def _entries(entries: tuple[int, ...]) -> str:
    return f"[{', '.join(str(one) for one in entries)}]" if entries else ""


def _of(row: tuple[Part, ...]) -> tuple[int, ...]:
    from allusedesk.answers.answer import entries_of

    return entries_of(row)


def _shown(part: Part) -> str:
    return part if isinstance(part, str) else part.text


def _in_json(found: Answer) -> dict[str, object]:
    table = found.table
    return {
        "question": found.question,
        "standing": found.standing,
        "intent": found.intent,
        "about": found.about,
        "sentences": [
            {"text": one.text, "entries": one.entries, "parts": [_part(each) for each in one.parts]}
            for one in found.sentences
        ],
        "table": None
        if table is None
        else {
            "titles": table.titles,
            "rows": [[_part(each) for each in row] for row in table.rows],
        },
        "entries": found.entries,
        "follow_ups": found.follow_ups,
    }


def _part(part: Part) -> object:
    if isinstance(part, str):
        return part
    return {"text": part.text, "entries": part.entries, "nature": part.nature}
