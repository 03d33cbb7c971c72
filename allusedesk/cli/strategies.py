"""`allusedesk strategy`: definitions listed, shown, checked, switched, and how they did."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli import arguments
from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json, print_table
from allusedesk.cli.strategy_performance import add_performance


def add_commands(commands: Commands) -> None:
    """Add `strategy` and what can be done with one."""
    group = commands.add_parser(
        "strategy",
        aliases=["strategies"],
        help="strategies: list, show, check, new, enable, disable, performance",
        example="allusedesk strategy list",
    )
    group.set_defaults(group=group)
    actions = group.add_subparsers(title="actions", metavar="ACTION")
    listed = actions.add_parser(
        "list", help="every strategy there is", example="allusedesk strategy list"
    )
    listed.set_defaults(command=_list)
    shown = actions.add_parser(
        "show", help="one definition whole", example="allusedesk strategy show put-credit-spread"
    )
    shown.add_argument("strategy", metavar="NAME|FILE", help="a name, NAME@VERSION, or a file")
    shown.set_defaults(command=_show)
    checked = actions.add_parser(
        "check",
        help="whether a file is a sound definition (exit 1 if not)",
        example="allusedesk strategy check resources/strategies/wheel.toml",
    )
    checked.add_argument("strategy", metavar="FILE", help="a definition in TOML")
    checked.set_defaults(command=_check)
    _add_new(actions)
    for name, said, is_on in (
        ("enable", "let a strategy open positions in a sleeve", True),
        ("disable", "let it open none; what it holds is managed to its end", False),
    ):
        _add_switch(actions, name, said, is_on=is_on)
    add_performance(actions)


def _add_new(actions: Commands) -> None:
    new = actions.add_parser(
        "new",
        help="a file to begin a strategy of your own with",
        example="allusedesk strategy new my-wheel --like wheel --out my-wheel.toml",
    )
    new.add_argument("name", metavar="NAME", help="small letters, digits and hyphens")
    new.add_argument("--like", default="put-credit-spread", metavar="NAME", help="what it copies")
    new.add_argument("--out", required=True, type=Path, metavar="FILE", help="a file not there yet")
    new.set_defaults(command=_new)


def _add_switch(actions: Commands, name: str, said: str, *, is_on: bool) -> None:
    switch = actions.add_parser(
        name,
        help=said,
        example=f"allusedesk strategy {name} wheel@1.0=rev --journal out/wheel/rehearsal.journal "
        "--operator anna",
    )
    switch.add_argument(
        "strategy", metavar="NAME@VERSION=ACCOUNT", help="which, and in which sleeve"
    )
    switch.add_argument(
        "--journal", required=True, type=Path, metavar="FILE", help="of a desk that does not run"
    )
    switch.add_argument(
        "--operator", required=True, type=arguments.person, metavar="NAME", help="who wants it"
    )
    switch.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
    switch.set_defaults(command=_switch, is_on=is_on)


def _list(options: Namespace) -> int:
    from allusedesk.wiring.strategies import strategies_known

    known = strategies_known()
    found = [(one.definition, one.origin) for one in known.strategies]
    if wants_json(options):
        rows = [
            {
                "id": definition.id,
                "title": definition.title,
                "summary": definition.summary,
                "tiers": [tier.value for tier in definition.tiers],
                "symbols": definition.symbols,
                "parts": [part.structure.value for part in definition.parts],
                "origin": origin,
            }
            for definition, origin in found
        ]
        print_json({"strategies": rows, "faults": known.faults})
        return DONE
    print_table(
        ("strategy", "for", "symbols", "does"),
        [
            (
                definition.id,
                ", ".join(tier.value for tier in definition.tiers),
                ", ".join(definition.symbols) or "the tier's",
                definition.summary,
            )
            for definition, _ in found
        ],
    )
    for fault in known.faults:
        print(fault)
    return DONE


def _show(options: Namespace) -> int:
    from allusedesk.wiring.requests import RequestRefused
    from allusedesk.wiring.strategies import strategy_of

    try:
        listed = strategy_of(options.strategy)
    except RequestRefused as refusal:
        raise Refusal(str(refusal)) from refusal
    if wants_json(options):
        print_json({"id": listed.definition.id, "definition": listed.definition})
        return DONE
    print(listed.text, end="")
    return DONE


def _check(options: Namespace) -> int:
    from allusedesk.wiring.requests import RequestRefused
    from allusedesk.wiring.strategies import strategy_of

    if not Path(options.strategy).is_file():
        raise Refusal(f"There is no file {options.strategy}: name a definition in TOML.")
    try:
        name: str | None = strategy_of(options.strategy).definition.id
        sentence = f"{name} is a sound strategy."
    except RequestRefused as refusal:
        name, sentence = None, str(refusal)
    if wants_json(options):
        print_json({"file": options.strategy, "passed": bool(name), "id": name, "says": sentence})
    else:
        print(sentence)
    return DONE if name else ANSWER_IS_NO


def _new(options: Namespace) -> int:
    from allusedesk.strategy.definition_text import DefinitionRefused, parse_definition
    from allusedesk.wiring.requests import RequestRefused
    from allusedesk.wiring.strategies import strategy_of

    try:
        like = strategy_of(options.like)
        text = like.text.replace(f'name = "{like.definition.name}"', f'name = "{options.name}"', 1)
        definition = parse_definition(text, str(options.out))
    except (RequestRefused, DefinitionRefused) as refusal:
        raise Refusal(str(refusal)) from refusal
    try:
        with options.out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as fault:
        raise Refusal(f"{options.out} exists already and is kept: choose another --out.") from fault
    if wants_json(options):
        print_json({"id": definition.id, "file": options.out.resolve()})
    else:
        print(f"{options.out} holds {definition.id}, a copy of {like.definition.id}: edit it.")
    return DONE


def _switch(options: Namespace) -> int:
    from allusedesk.domain.strategy_events import StrategySwitched
    from allusedesk.journal.faults import JournalFault
    from allusedesk.protocol.rulebook_text import RulebookRefused
    from allusedesk.wiring.requests import RequestRefused
    from allusedesk.wiring.strategies import account_of, strategy_of, switch_on_record

    name, _, where = options.strategy.partition("=")
    try:
        listed = strategy_of(name)
        account = account_of(listed.definition, where)
        switched = StrategySwitched(
            account,
            listed.definition.id,
            listed.text,
            options.is_on,
            options.operator,
            options.reason,
        )
        denied = switch_on_record(options.journal, switched)
    except (RequestRefused, JournalFault, RulebookRefused, ValueError) as refusal:
        raise Refusal(str(refusal)) from refusal
    verb = "may open positions" if options.is_on else "opens nothing more"
    sentence = f"{switched.strategy} {verb} in {account} from the next look on."
    if denied:
        sentence = f"It was not done: {denied}."
    if wants_json(options):
        print_json({"strategy": switched.strategy, "account": account, "denied": denied})
    else:
        print(sentence)
    return ANSWER_IS_NO if denied else DONE
