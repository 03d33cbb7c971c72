"""Weeks in which brokers, feeds and people misbehave by a seed; what must hold, always holds.

A seed that fails names itself and tells the last entries of its record. Played alone:
`pytest tests/simulation -k "seed and 17"`.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from allusedesk.journal.codec import encode
from tests.simulation.invariants import Broken
from tests.simulation.seeds import look_through, play, story


def _play_through(seed: int) -> None:
    entries = []
    try:
        played = play(seed)
        entries = played.entries
        look_through(played)
    except Broken as fault:
        pytest.fail(f"Seed {seed}: {fault}\n{story(entries)}")


@pytest.mark.parametrize("seed", range(40))
def test_a_week_with_faults(seed: int) -> None:
    _play_through(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40, 240))
def test_a_week_with_faults_of_many_more_seeds(seed: int) -> None:
    _play_through(seed)


@pytest.mark.parametrize("seed", [4, 13])
def test_the_same_seed_makes_the_same_record(seed: int) -> None:
    heads = []
    for _ in range(2):
        digest = sha256()
        for entry in play(seed).entries:
            kind, version, body = encode(entry.event)
            digest.update(
                f"{entry.sequence}{entry.recorded_at}{entry.cause}{kind}{version}{body}".encode()
            )
        heads.append(digest.hexdigest())

    assert heads[0] == heads[1]


def test_another_seed_makes_another_record() -> None:
    assert [encode(e.event) for e in play(0).entries] != [encode(e.event) for e in play(15).entries]
