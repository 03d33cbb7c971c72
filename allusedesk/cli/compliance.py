"""`allusedesk compliance`: how a desk kept law and broker's terms, and the life of its orders."""

from __future__ import annotations

import csv
import json
from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from allusedesk.cli.command_parser import ANSWER_IS_NO, DONE, Commands, Refusal, wants_json
from allusedesk.cli.printing import plain, print_json, print_pairs, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allusedesk.journal.order_audit import Execution, OrderAudit
    from allusedesk.protocol.rulebook_conduct import ConductRules
    from allusedesk.wiring.conduct_record import ConductRecord
    from allusedesk.wiring.conduct_verdicts import ConductVerdict

_SHOWN = 12


def add_commands(commands: Commands) -> None:
    """Add `compliance`."""
    command = commands.add_parser(
        "compliance",
        help="each check with its source and its evidence (exit 1 where one was not kept)",
        example="allusedesk compliance out/rehearsal.journal --audit out/orders.csv",
    )
    command.add_argument("journal", type=Path, metavar="JOURNAL", help="the journal's file")
    command.add_argument(
        "--profile",
        metavar="NAME",
        help="the broker profile to judge by, if not the journal's own (else unknown)",
    )
    command.add_argument(
        "--audit",
        type=Path,
        metavar="FILE",
        help="write every step of every order to a file ending in .csv or .json",
    )
    command.add_argument(
        "--executions",
        type=Path,
        metavar="FILE",
        help="write every fill beside its quotes to a file ending in .csv or .json",
    )
    command.set_defaults(command=_compliance)


def _compliance(options: Namespace) -> int:
    from allusedesk.cli.desk_options import refused_plainly
    from allusedesk.cli.journal_choice import journal_opened, journal_read
    from allusedesk.journal.order_audit import audit_orders
    from allusedesk.wiring.choices import UNKNOWN_PROFILE, conduct_of
    from allusedesk.wiring.conduct_record import conduct_record
    from allusedesk.wiring.conduct_verdicts import verdicts_of, wash_sales

    for file in (options.audit, options.executions):
        if file is not None and file.suffix not in {".csv", ".json"}:
            raise Refusal(f"{file} ends in neither .csv nor .json: name one that does.")
    with refused_plainly():
        asked = conduct_of(options.profile or UNKNOWN_PROFILE)
        with journal_opened(options.journal) as reader:
            record = conduct_record(reader.read(), asked.levels)
            audit = audit_orders(reader.read())
            head = reader.head()[1]
        with journal_read(options.journal) as side:
            washed = wash_sales(side)
    conduct = asked if options.profile or record.conduct is None else record.conduct
    verdicts = verdicts_of(record, conduct, washed, audit.executions)
    _write(options, audit)
    if wants_json(options):
        print_json(_in_json(options, record, conduct, verdicts, audit, head))
    else:
        _print(record, conduct, verdicts, audit.executions)
        for file in filter(None, (options.audit, options.executions)):
            print(f"Written: {file}")
    return DONE if all(verdict.is_kept for verdict in verdicts) else ANSWER_IS_NO


def _write(options: Namespace, audit: OrderAudit) -> None:
    for file, rows in ((options.audit, audit.lines), (options.executions, audit.executions)):
        if file is not None:
            _write_rows(file, rows)


def _write_rows(file: Path, rows: Sequence[object]) -> None:
    from allusedesk.cli.new_files import whole_text_file
    from allusedesk.reports.csv_export import neutralised

    plain_rows = [_flat(row) for row in rows]
    with whole_text_file(file) as target:
        if file.suffix == ".json":
            target.write(json.dumps(plain_rows, indent=2) + "\n")
            return
        writer = csv.writer(target, lineterminator="\r\n")
        if plain_rows:
            writer.writerow(plain_rows[0])
        for row in plain_rows:
            writer.writerow(
                [neutralised("" if cell is None else str(cell)) for cell in row.values()]
            )


def _flat(row: object) -> dict[str, object]:
    """A row's fields; those of a quote stand in columns of their own, there or not."""
    from allusedesk.journal.order_audit import Execution, NetQuote

    found: dict[str, object] = {}
    for field in fields(row):  # type: ignore[arg-type]
        value = getattr(row, field.name)
        if isinstance(row, Execution) and field.name in {"decided", "sent", "filled"}:
            for part in fields(NetQuote):
                inner = None if value is None else getattr(value, part.name)
                found[f"{field.name}_{part.name}"] = plain(inner)
        else:
            found[field.name] = plain(value)
    return found


def _in_json(
    options: Namespace,
    record: ConductRecord,
    conduct: ConductRules,
    verdicts: Sequence[ConductVerdict],
    audit: OrderAudit,
    head: str,
) -> dict[str, object]:
    return {
        "journal": options.journal.resolve(),
        "chain_head": head,
        "profile": conduct.profile,
        "profile_in_rules": record.conduct is not None,
        "first": record.first,
        "last": record.last,
        "keep_until": record.keep_until,
        "kept": all(verdict.is_kept for verdict in verdicts),
        "checks": verdicts,
        "day_trades": [
            {"on": one.on, "instrument": str(one.instrument), "order": one.order}
            for one in record.day_trades
        ],
        "refused": dict(record.refused),
        "orders_lines": len(audit.lines),
        "executions": [_flat(one) for one in audit.executions],
    }


def _print(
    record: ConductRecord,
    conduct: ConductRules,
    verdicts: Sequence[ConductVerdict],
    executions: Sequence[Execution],
) -> None:
    asked = "part of the rules in force" if record.conduct is not None else "judged by afterwards"
    print_pairs(
        [
            ("journal", f"{record.first} to {record.last}, to be kept until {record.keep_until}"),
            ("broker profile", f"{conduct.profile} ({asked})"),
            ("equity", record.equity),
        ]
    )
    print()
    print_table(
        ("check", "stands", "evidence", "source"),
        [
            (one.title, "kept" if one.is_kept else "NOT KEPT", one.evidence, one.source)
            for one in verdicts
        ],
    )
    worst = sorted((one for one in executions if one.better is not None), key=_better)[:_SHOWN]
    if worst:
        print("\nFills that gave up most against the mid at sending:")
        print_table(
            (
                "entry",
                "order",
                "quantity",
                "mid decided",
                "mid sent",
                "spread",
                "filled",
                "better $",
            ),
            [
                (
                    one.entry,
                    one.legs,
                    one.quantity,
                    None if one.decided is None else one.decided.mid,
                    None if one.sent is None else one.sent.mid,
                    None if one.sent is None else one.sent.spread,
                    one.price,
                    None if one.better is None else round(one.better, 2),
                )
                for one in worst
            ],
        )


def _better(one: Execution) -> tuple[object, ...]:
    return one.better, one.entry
