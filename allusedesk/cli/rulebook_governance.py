"""`allusedesk rulebook propose` and `approve`: no number changes unseen, untried or unasked."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_table


def add_governance(actions: Commands) -> None:
    """Add `propose` and `approve` to the actions of `rulebook`."""
    proposed = actions.add_parser(
        "propose",
        help="write a changed rulebook, to be rehearsed and approved",
        example="allusedesk rulebook propose classic --set recovery.weeks=5 --version 1.1 "
        "--reason 'longer care' --out out/proposed.toml",
    )
    proposed.add_argument("rulebook", metavar="NAME|FILE", help="the rulebook to start from")
    proposed.add_argument(
        "--set",
        dest="changes",
        required=True,
        action="append",
        type=_change,
        metavar="RULE=VALUE",
        help="a rule as rulebook show prints it, and its new value; may stand several times",
    )
    proposed.add_argument("--version", required=True, help="of the changed rulebook, such as 1.1")
    proposed.add_argument("--reason", required=True, help="its line in the changelog")
    proposed.add_argument("--out", required=True, type=Path, metavar="FILE", help="where it goes")
    proposed.set_defaults(command=_propose)
    approved = actions.add_parser(
        "approve",
        help="let a proposed rulebook hold (exit 1 without a rehearsal of it, or without a name)",
        example="allusedesk rulebook approve out/proposed.toml "
        "--rehearsal out/proposed/rehearsal.journal --by 'A. Trader' --out out/approved.toml",
    )
    approved.add_argument("rulebook", metavar="FILE", help="what propose wrote")
    approved.add_argument(
        "--rehearsal", type=Path, metavar="JOURNAL", help="a rehearsal under this very text"
    )
    approved.add_argument("--by", default="", metavar="NAME", help="the person who approves")
    approved.add_argument("--out", required=True, type=Path, metavar="FILE", help="where it goes")
    approved.set_defaults(command=_approve)


def _change(text: str) -> tuple[str, str]:
    rule, equals, value = (part.strip() for part in text.partition("="))
    if not rule or not equals or not value:
        raise ArgumentTypeError(f"{text!r} sets nothing, write such as recovery.weeks=5")
    return rule, value


def _propose(options: Namespace) -> int:
    from allusedesk.cli.new_files import whole_text_file
    from allusedesk.cli.rulebook_choice import rulebook_read
    from allusedesk.protocol.rulebook_change import changed_text
    from allusedesk.protocol.rulebook_differences import differences
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        before, text = rulebook_read(options.rulebook)
        changed, after = changed_text(text, options.changes, options.version, options.reason)
    except RulebookRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    with whole_text_file(options.out) as file:
        file.write(changed)
    found = differences(before, after)
    sentence = (
        f"{after.id} is proposed in {options.out}: rehearse it with --rulebook {options.out}, "
        "then approve it with that journal."
    )
    if wants_json(options):
        rows = [{"rule": rule, "a": left, "b": right} for rule, left, right in found]
        content = {"proposed": after.id, "file": options.out.resolve(), "sentence": sentence}
        print_json({**content, "differences": rows})
        return DONE
    print_table(("rule", before.id, after.id), found)
    print(sentence)
    return DONE


def _approve(options: Namespace) -> int:
    from allusedesk.cli.new_files import whole_text_file
    from allusedesk.cli.rulebook_choice import rulebook_read, rulebooks_shipped
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        rulebook, text = rulebook_read(options.rulebook)
        shipped = {rulebook_read(name)[0].id for name in rulebooks_shipped()}
    except RulebookRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    objection = _objection(options, rulebook.id, rulebook.version, rulebook.changelog[-1], shipped)
    objection = objection or _untried(options.rehearsal, text)
    if objection:
        return _answer(options, rulebook.id, f"{rulebook.id} is not approved: {objection}")
    with whole_text_file(options.out) as file:
        file.write(text)
    sentence = (
        f"{rulebook.id} was approved by {options.by} on the rehearsal {options.rehearsal}; "
        f"it stands in {options.out}."
    )
    return _answer(options, rulebook.id, sentence, is_approved=True)


def _objection(
    options: Namespace, name: str, version: str, last_line: str, shipped: set[str]
) -> str:
    if name in shipped:
        return "a published version never changes; propose a new one."
    if not last_line.startswith(f"{version}:"):
        return f"its changelog says nothing of {version}."
    if options.rehearsal is None:
        return "it was not rehearsed; give the journal of a rehearsal under it with --rehearsal."
    if not options.by.strip():
        return "nobody approves it; say who with --by."
    return ""


def _untried(path: Path, text: str) -> str:
    """Why a journal is no rehearsal of this text, whole and at least a week long."""
    from allusedesk.cli.journal_choice import journal_opened
    from allusedesk.domain.events import WeekClosed
    from allusedesk.domain.inputs import DeskOpened
    from allusedesk.journal.verification import verify

    with journal_opened(path) as journal:
        opened = next(iter(journal.read(1, 1)), None)
        if opened is None or not isinstance(opened.event, DeskOpened):
            return f"{path} does not begin with the opening of a desk."
        if opened.event.rulebook_text != text:
            return f"{path} was rehearsed under {opened.event.rulebook}, in another wording."
        weeks = sum(
            isinstance(entry.event, WeekClosed) and entry.event.is_final for entry in journal.read()
        )
    verdict = verify(path, None)
    if not verdict.is_intact:
        return verdict.sentence
    return "" if weeks else f"{path} ended before its first week was final."


def _answer(options: Namespace, name: str, sentence: str, *, is_approved: bool = False) -> int:
    if wants_json(options):
        print_json({"rulebook": name, "approved": is_approved, "sentence": sentence})
    else:
        print(sentence)
    return DONE if is_approved else ANSWER_IS_NO
