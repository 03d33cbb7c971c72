"""A recorded journal through `step` once more, compared byte for byte with what is on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from allusedesk.domain.events import Entry
from allusedesk.engine.state import DeskState
from allusedesk.engine.step import step
from allusedesk.journal.codec import encode

# Of entries that differ, so many characters are shown, from so many before the difference.
_SHOWN, _SHOWN_BEFORE = 240, 80


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """Whether a replay made the very entries on record; the first difference as a sentence.

    `inputs` were stepped, `entries` compared; `state` is the desk after the last of them.
    """

    is_same: bool
    inputs: int
    entries: int
    first_difference: str
    state: DeskState


def replay(recorded: Iterable[Entry], state: DeskState | None = None) -> ReplayVerdict:
    """Step every recorded input and hold what follows against what followed then.

    `state` is the desk before the first entry; without it the entries begin at the beginning.
    Ends at the first difference. A last input whose consequences were cut off by a crash counts
    as a difference, since the record then ends in the middle of a step.
    """
    now = state if state is not None else DeskState()
    rows = with_next(recorded)
    inputs = entries = 0
    for entry, following in rows:
        if not entry.is_input:
            found = f"Entry {entry.sequence} is {_kind(entry)}, which no input before it led to."
            return _verdict(now, inputs, entries, found)
        result = step(now, entry)
        inputs += 1
        entries += 1 + len(following)
        difference = _difference(result.entries, following, entry)
        if difference:
            return _verdict(now, inputs, entries, difference)
        now = result.state
    return _verdict(now, inputs, entries, "")


def _verdict(state: DeskState, inputs: int, entries: int, difference: str) -> ReplayVerdict:
    is_same = not difference
    return ReplayVerdict(
        is_same=is_same, inputs=inputs, entries=entries, first_difference=difference, state=state
    )


def with_next(recorded: Iterable[Entry]) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each input with the derived entries recorded behind it."""
    held: Entry | None = None
    derived: list[Entry] = []
    for entry in recorded:
        if held is None:
            held = entry
        elif entry.is_input:
            yield held, derived
            held, derived = entry, []
        else:
            derived.append(entry)
    if held is not None:
        yield held, derived


def _difference(made: tuple[Entry, ...], recorded: list[Entry], entry: Entry) -> str:
    for ours, theirs in zip(made, recorded, strict=False):
        if _text(ours) != _text(theirs):
            recorded_body, made_body = _where_they_part(_text(theirs)[-1], _text(ours)[-1])
            return (
                f"Entry {theirs.sequence} is {_kind(theirs)} on record, and "
                f"{_kind(ours)} when entry {entry.sequence} is thought about again: "
                f"{recorded_body} against {made_body}."
            )
    if len(made) != len(recorded):
        return (
            f"{len(recorded)} entries follow entry {entry.sequence} on record, "
            f"{len(made)} when it is thought about again."
        )
    return ""


def _where_they_part(one: str, other: str) -> tuple[str, str]:
    """Two texts from a little before their first difference on, long ones cut."""
    same = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    begin = max(0, same - _SHOWN_BEFORE)
    return _cut(one, begin), _cut(other, begin)


def _cut(text: str, begin: int) -> str:
    end = begin + _SHOWN
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if len(text) > end else ''}"


def _text(entry: Entry) -> tuple[int, str, int | None, str, int, str]:
    """What the chain of hashes is made of."""
    kind, version, body = encode(entry.event)
    return (entry.sequence, entry.recorded_at.isoformat(), entry.cause, kind, version, body)


def _kind(entry: Entry) -> str:
    return type(entry.event).__name__
