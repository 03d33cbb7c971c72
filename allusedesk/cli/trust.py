"""`allusedesk journal trust`: what each kind of decision has earned, and why it was overruled."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import DONE, Commands, wants_json
from allusedesk.cli.printing import print_json, print_table


def add_trust(actions: Commands) -> None:
    """Add `trust` to the actions of `journal`."""
    trusted = actions.add_parser(
        "trust",
        help="what each kind of decision has earned, and why persons overruled the desk",
        example="allusedesk journal trust out/rehearsal.journal",
    )
    trusted.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    trusted.set_defaults(command=_trust)


def _trust(options: Namespace) -> int:
    from allusedesk.cli.journal_choice import journal_read
    from allusedesk.engine.snapshot_trust import people_picture
    from allusedesk.journal.queries.answers import reasons_given
    from allusedesk.wiring.past_desk import state_after

    with journal_read(options.journal) as side:
        people = people_picture(state_after(side.journal))
        reasons = reasons_given(side)
    if wants_json(options):
        print_json(
            {
                "journal": options.journal.resolve(),
                "kinds": people.kinds,
                "second_signature_above": people.second_above,
                "reasons": reasons,
            }
        )
        return DONE
    if people.kinds:
        rows = [
            (
                one.kind.value,
                one.level.value,
                one.switch.value,
                one.acting.value,
                f"{one.score:.2f}",
                f"{one.agreement:.2f}",
                f"{one.outcome:.2f}",
                one.decided,
                one.idle_weeks,
                one.wanting,
            )
            for one in people.kinds
        ]
        titles = (
            "kind",
            "earned",
            "switched to",
            "acts at",
            "score",
            "agreement",
            "outcome",
            "decided",
            "idle weeks",
            "next level",
        )
        print_table(titles, rows)
    else:
        print("This journal's rulebook lets trust act for nothing.")
    above = people.second_above
    print()
    print(f"Two signatures are needed {'never' if above is None else f'above {above}'}.")
    for one in reasons:
        said = one.reason or "no reason given"
        print(f"{one.sequence:>7}  {one.kind} {one.effect} by {one.operator}: {said}")
    return DONE
