"""Questions to the journal, answered on one thread of their own, never on the screen's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from allusedesk.desk.operations import Operation, Operations

if TYPE_CHECKING:
    from allusedesk.journal.read_side import ReadSide

_Found = TypeVar("_Found")


class Records:
    """One reader of one journal; questions are answered in the order they were asked."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.operations = Operations(lanes=1)
        self._side: ReadSide | None = None

    def ask(
        self,
        title: str,
        question: Callable[[ReadSide], _Found],
        take: Callable[[_Found], None],
        fail: Callable[[str], None] | None = None,
    ) -> Operation:
        """Answer a question elsewhere and hand the answer to `take` on the desk's thread.

        `title` names the question in an error, as in "Reading the week".
        """
        return self.operations.begin(title, lambda _: question(self._opened()), take, fail)

    def close(self) -> None:
        """Answer nothing more."""
        self.operations.close()

    def _opened(self) -> ReadSide:
        from allusedesk.journal.read_side import ReadSide

        if self._side is None:
            self._side = ReadSide.open(self.journal)
        return self._side
