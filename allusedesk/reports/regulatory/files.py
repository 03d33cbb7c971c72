"""The tables of the regulatory pack, each as a file of its own, exact and to the microsecond."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

from allusedesk.journal.evidence import Happening
from allusedesk.journal.evidence_topics import Topic
from allusedesk.journal.order_audit import NetQuote
from allusedesk.protocol.schedule import NEW_YORK
from allusedesk.reports.csv_export import neutralised
from allusedesk.reports.regulatory.values import KeptFile, RegulatoryEvidence

_Rows = Iterable[Sequence[object]]


def orders_csv(evidence: RegulatoryEvidence) -> str:
    """Every step of every order of the period, in the order of the entries."""
    columns = (
        *("entry", "utc", "new_york", "proposal", "order", "account", "step", "detail"),
        *("quantity", "price_usd_a_share", "who", "rule"),
    )
    return _csv(
        columns,
        (
            (
                *(one.entry, *_times(one.at), one.proposal, one.order, one.account, one.what),
                *(one.detail, one.quantity, one.price, one.by, one.rule),
            )
            for one in evidence.lines
        ),
    )


def approvals_csv(evidence: RegulatoryEvidence) -> str:
    """Every answer with who gave it, what was seen and why."""
    columns = (
        *("entry", "utc", "new_york", "proposal", "account", "kind", "rule", "what", "answer"),
        *("who", "second", "digest_seen", "reason", "waited_seconds", "worst_case_usd"),
    )
    return _csv(
        columns,
        (
            (
                *(one.entry, *_times(one.at), one.proposal, one.account, one.kind, one.rule),
                *(one.what, one.answer, one.by, one.second, one.digest, one.reason),
                one.waited_seconds,
                None if one.worst_case is None else one.worst_case.amount,
            )
            for one in evidence.seen.answers
        ),
    )


def executions_csv(evidence: RegulatoryEvidence) -> str:
    """Every fill beside mid, spread and age of the quote at decision, sending and fill."""
    parts = ("mid", "spread", "seconds_old", "is_modelled")
    quotes = [f"{when}_{part}" for when in ("decided", "sent", "filled") for part in parts]
    columns = (
        *("entry", "utc", "new_york", "order", "account", "underlying", "legs", "quantity"),
        *("multiplier", *quotes, "price", "better_than_sent_usd"),
    )
    return _csv(
        columns,
        (
            (
                *(one.entry, *_times(one.at), one.order, one.account, one.underlying, one.legs),
                *(one.quantity, one.multiplier),
                *(part for quote in (one.decided, one.sent, one.filled) for part in _quote(quote)),
                *(one.price, one.better),
            )
            for one in evidence.executions
        ),
    )


def breaches_csv(evidence: RegulatoryEvidence) -> str:
    """Every breach, stop and exception with what was done."""
    return _happenings(evidence.seen.of(Topic.BREACH, Topic.EXCEPTION))


def events_csv(evidence: RegulatoryEvidence) -> str:
    """Alerts, halts, rules, trust, arming, access and corrections."""
    topics = (Topic.HALT, Topic.RULES, Topic.ARMING, Topic.CORRECTION)
    return _happenings(evidence.seen.of(*topics))


def requirements_csv(evidence: RegulatoryEvidence) -> str:
    """What is asked, whether it was kept, the evidence and the source."""
    return _csv(
        ("requirement", "is_kept", "evidence", "source"),
        ((one.title, one.is_kept, one.evidence, one.source) for one in evidence.requirements),
    )


def differences_csv(evidence: RegulatoryEvidence) -> str:
    """Each rule in which the rules in force differ from the published ones."""
    return _csv(("rule", "published", "in_force"), evidence.rules.differences)


def kept_json(kept: Sequence[KeptFile]) -> str:
    """The journals and copies beside the journal, as they were found."""
    rows = [
        {
            "name": one.name,
            "entries": one.entries,
            "chain_head": one.chain_head,
            "first": None if one.first is None else one.first.isoformat(),
            "last": None if one.last is None else one.last.isoformat(),
            "days_behind": one.days_behind,
            "fault": one.fault,
        }
        for one in kept
    ]
    return json.dumps({"files": rows}, indent=1, ensure_ascii=False) + "\n"


def read_kept_json(text: str) -> tuple[KeptFile, ...]:
    """What `kept_json` wrote; raises ValueError for anything else."""
    try:
        rows = json.loads(text)["files"]
        return tuple(
            KeptFile(
                str(row["name"]),
                int(row["entries"]),
                str(row["chain_head"]),
                _day(row["first"]),
                _day(row["last"]),
                None if row["days_behind"] is None else int(row["days_behind"]),
                str(row["fault"]),
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise ValueError(f"no list of journals and copies ({fault})") from fault


def _day(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


def _happenings(found: Sequence[Happening]) -> str:
    return _csv(
        ("entry", "utc", "new_york", "topic", "who", "what", "done"),
        (
            (one.entry, *_times(one.at), one.topic.value, one.by, one.what, one.done)
            for one in found
        ),
    )


def _times(at: datetime) -> tuple[str, str]:
    there, here = at.astimezone(UTC), at.astimezone(NEW_YORK)
    return there.isoformat(timespec="microseconds"), here.isoformat(timespec="microseconds")


def _quote(quote: NetQuote | None) -> tuple[object, ...]:
    if quote is None:
        return (None,) * 4
    return quote.mid, quote.spread, quote.seconds_old, quote.is_modelled


def _csv(columns: Sequence[str], rows: _Rows) -> str:
    target = StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([neutralised(_plain(cell)) for cell in row])
    return target.getvalue()


def _plain(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case Decimal():
            return f"{cell:f}"
        case _:
            return str(cell)
