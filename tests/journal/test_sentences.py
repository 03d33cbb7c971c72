from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allusedesk.domain.events import EVENT_KINDS, BreakerTripped, ProposalMade
from allusedesk.domain.inputs import MarketSampled
from allusedesk.domain.proposals import Comparison, ProposalKind
from allusedesk.journal.codec import encode
from allusedesk.journal.quote_rows import sample_in_brief
from allusedesk.journal.sentences import describe, describe_sample
from tests.journal.events_at_random import values
from tests.journal.sample_entries import snapshot
from tests.trading import proposal


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


def test_a_breaker_tells_the_level_it_passed() -> None:
    levels = (
        Comparison("VIX", "52.05", "hedged above 50", passed=True),
        Comparison("VIX", "52.05", "safe above 65", passed=False),
    )
    said = describe(BreakerTripped("hedged", "breaker.vix.hedged", levels))
    assert said.endswith("for the desk: breaker.vix.hedged; VIX 52.05, hedged above 50.")


def test_a_proposal_that_trades_nothing_names_no_trade() -> None:
    question = replace(proposal(), kind=ProposalKind.RESUME, reason="Go on?")
    said = describe(ProposalMade(question))
    assert said == f"{question.id} proposes resume under {question.rule}: Go on?"
