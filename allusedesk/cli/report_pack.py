"""`allusedesk report regulatory --format zip` and `report verify`: the pack, cut and proved."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import print_json


def add_verify(kinds: Commands) -> None:
    """Add `verify` to what `report` can do."""
    command = kinds.add_parser(
        "verify",
        help="hold a regulatory pack against its journal (exit 1 where anything is not as it was)",
        example="allusedesk report verify out/regulatory.zip out/rehearsal.journal",
    )
    command.add_argument("pack", type=Path, metavar="PACK", help="the ZIP that was cut")
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.set_defaults(command=_verify)


def cut_pack(options: Namespace) -> int:
    """Write the regulatory pack of a period."""
    from allusedesk.cli.desk_options import refused_plainly
    from allusedesk.cli.new_files import whole_file
    from allusedesk.journal.faults import JournalFault
    from allusedesk.reports.kinds import PeriodUnknown
    from allusedesk.wiring.regulatory_pack import write_pack

    with refused_plainly(), whole_file(options.out) as unfinished:
        try:
            cut = write_pack(options.journal, options.period, unfinished)
        except (JournalFault, PeriodUnknown) as fault:
            raise Refusal(str(fault)) from fault
    if wants_json(options):
        print_json(
            {
                "file": options.out.resolve(),
                "format": "zip",
                "kind": "regulatory",
                "period": cut.period,
                "files": cut.files,
                "sequence": cut.sequence,
                "chain_head": cut.chain_head,
            }
        )
    else:
        print(
            f"The regulatory pack of {cut.period}, {cut.files} files, is {options.out}; it was cut "
            f"at entry {cut.sequence:,}, chain head {cut.chain_head}."
        )
    return DONE


def _verify(options: Namespace) -> int:
    from allusedesk.wiring.pack_verification import verify_pack

    for file in (options.pack, options.journal):
        if not file.is_file():
            raise Refusal(f"There is no file {file}: check the path.")
    verdict = verify_pack(options.pack, options.journal)
    if wants_json(options):
        print_json(
            {
                "pack": options.pack.resolve(),
                "journal": options.journal.resolve(),
                "good": verdict.is_good,
                "files": verdict.files,
                "first_bad": verdict.first_bad,
                "period": verdict.period,
                "chain_head": verdict.chain_head,
                "sentence": verdict.sentence,
            }
        )
    else:
        print(verdict.sentence)
    return DONE if verdict.is_good else ANSWER_IS_NO
