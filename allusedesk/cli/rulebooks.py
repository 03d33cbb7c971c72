"""`allusedesk rulebook`: the protocol's numbers, read, checked and compared."""

from __future__ import annotations

from argparse import Namespace

from allusedesk.cli.command_parser import (
    ANSWER_IS_NO,
    DONE,
    Commands,
    Refusal,
    wants_json,
)
from allusedesk.cli.printing import print_json, print_table
from allusedesk.cli.rulebook_governance import add_governance


def add_commands(commands: Commands) -> None:
    """Add `rulebook` and what can be done with one."""
    group = commands.add_parser(
        "rulebook",
        help="rulebooks: list, show, check, compare, propose, approve",
        example="allusedesk rulebook list",
    )
    group.set_defaults(group=group)
    actions = group.add_subparsers(title="actions", metavar="ACTION")
    listed = actions.add_parser(
        "list", help="those that ship with the desk", example="allusedesk rulebook list"
    )
    listed.set_defaults(command=_list)
    shown = actions.add_parser(
        "show", help="every rule with its number", example="allusedesk rulebook show classic"
    )
    shown.add_argument("rulebook", metavar="NAME|FILE", help="a name such as classic, or a file")
    shown.set_defaults(command=_show)
    checked = actions.add_parser(
        "check",
        help="whether a file is a sound rulebook (exit 1 if not)",
        example="allusedesk rulebook check resources/rulebooks/classic.toml",
    )
    checked.add_argument("rulebook", metavar="FILE", help="a file, or the name of a shipped one")
    checked.set_defaults(command=_check)
    compared = actions.add_parser(
        "diff",
        help="the rules in which two differ",
        example="allusedesk rulebook diff classic classic",
    )
    compared.add_argument("one", metavar="A", help="a name or a file")
    compared.add_argument("other", metavar="B", help="a name or a file")
    compared.set_defaults(command=_diff)
    add_governance(actions)


def _list(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_read, rulebooks_shipped

    found = [(name, rulebook_read(name)[0]) for name in rulebooks_shipped()]
    if wants_json(options):
        content = [
            {
                "name": name,
                "id": rulebook.id,
                "version": rulebook.version,
                "effective_from": rulebook.effective_from,
                "changelog": rulebook.changelog,
            }
            for name, rulebook in found
        ]
        print_json({"rulebooks": content})
        return DONE
    rows = [
        (name, rulebook.id, rulebook.effective_from, rulebook.changelog[-1])
        for name, rulebook in found
    ]
    print_table(("name", "id", "holds from", "last change"), rows)
    return DONE


def _show(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_read
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        rulebook, text = rulebook_read(options.rulebook)
    except RulebookRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    if wants_json(options):
        print_json({"id": rulebook.id, "rules": rulebook})
        return DONE
    print(text, end="")
    return DONE


def _check(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_read
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        rulebook, _ = rulebook_read(options.rulebook)
    except RulebookRefused as refusal:
        return _checked(options, passed=False, name=None, sentence=str(refusal))
    sentence = f"{rulebook.id} is a sound rulebook."
    return _checked(options, passed=True, name=rulebook.id, sentence=sentence)


def _checked(options: Namespace, *, passed: bool, name: str | None, sentence: str) -> int:
    if wants_json(options):
        print_json(
            {"rulebook": options.rulebook, "passed": passed, "id": name, "sentence": sentence}
        )
    else:
        print(sentence)
    return DONE if passed else ANSWER_IS_NO


def _diff(options: Namespace) -> int:
    from allusedesk.cli.rulebook_choice import rulebook_read
    from allusedesk.protocol.rulebook_differences import differences
    from allusedesk.protocol.rulebook_text import RulebookRefused

    try:
        one, other = rulebook_read(options.one)[0], rulebook_read(options.other)[0]
    except RulebookRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    found = differences(one, other)
    if wants_json(options):
        content = [{"rule": rule, "a": left, "b": right} for rule, left, right in found]
        print_json({"a": one.id, "b": other.id, "differences": content})
        return DONE
    if found:
        print_table(("rule", one.id, other.id), found)
    else:
        print(f"{one.id} and {other.id} say the same.")
    return DONE
