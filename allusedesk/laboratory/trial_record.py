"""`TrialRecord`: the record of a trial, in memory, with the very chain a journal would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from allusedesk.domain.events import Entry
from allusedesk.domain.inputs import MarketSampled
from allusedesk.journal.chain import genesis, hash_of
from allusedesk.journal.codec import encode
from allusedesk.journal.quote_rows import sample_in_brief
from allusedesk.journal.scalars import write_instant
from allusedesk.laboratory.trial_ledger import TrialLedger


class TrialRecord:
    """Keeps of each entry what the outcome tells, and its hash; the entry itself is let go."""

    def __init__(self) -> None:
        self.ledger = TrialLedger()
        self.entries = 0
        self._hash = genesis(durable=False)

    @property
    def chain_head(self) -> str:
        """The hash of the last entry, as 64 hexadecimal digits."""
        return self._hash.hex()

    def append(self, entries: Sequence[Entry]) -> None:
        """Chain the entries as a journal would, and book them in the ledger."""
        for entry in entries:
            kind, version, body = encode(entry.event)
            at = write_instant(entry.recorded_at)
            self._hash = hash_of(self._hash, entry.sequence, at, kind, version, entry.cause, body)
            self.entries += 1
            self.ledger.take(entry)
            if isinstance(entry.event, MarketSampled):
                _, quotes, modelled = sample_in_brief(body)
                self.ledger.count_quotes(Counter(all=quotes, modelled=modelled))
