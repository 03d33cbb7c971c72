from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.events import EVENT_KINDS
from allusedesk.domain.inputs import MarketSampled
from allusedesk.journal.codec import encode
from allusedesk.journal.quote_rows import sample_in_brief
from allusedesk.journal.words.sentences import describe, describe_sample
from tests.journal.events_at_random import values
from tests.journal.sample_entries import snapshot


@pytest.mark.parametrize("kind", EVENT_KINDS, ids=lambda kind: kind.__name__)
@given(chance=st.data())
@settings(max_examples=4)
def test_every_kind_has_a_sentence(kind: Any, chance: st.DataObject) -> None:
    sentence = describe(chance.draw(values(kind)))
    assert sentence


@given(sample=values(MarketSampled))
@settings(max_examples=20)
def test_a_sample_is_counted_without_being_decoded(sample: MarketSampled) -> None:
    assert describe_sample(*sample_in_brief(encode(sample)[2])) == describe(sample)


def test_a_sample_in_brief() -> None:
    body = encode(MarketSampled('A "Z",true,', snapshot(quotes=7)))[2]
    assert sample_in_brief(body) == ('A "Z",true,', 7, 7)
