"""The book as questions see it, against the same book folded entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from allusedesk.cli.main import main
from allusedesk.domain.inputs import MarketSampled
from allusedesk.engine.fold import fold
from allusedesk.engine.state import DeskState
from allusedesk.engine.what_if.lots import all_held, lot_of
from allusedesk.engine.what_if.stress import gains
from allusedesk.journal.read_side import ReadSide
from allusedesk.journal.store import JournalReader
from allusedesk.wiring.book_on_record import BookOnRecord, book_on_record
from allusedesk.wiring.risk_of_record import RiskOfRecord
from tests.house.sources import ROOT


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("risk")
    words = (
        f"rehearse --data {ROOT / 'resources' / 'sample_market'} --from 2012-01-09 --to 2012-01-19 "
        "--rulebook classic --symbols gen=IBM;rev=AAPL;com=MSFT --capital 1000000 --approve all "
        f"--seed 3 --out {out} --json"
    )
    assert main(words.split()) == 0
    return out / "rehearsal.journal"


@pytest.fixture
def risk(journal: Path) -> Iterator[RiskOfRecord]:
    with ReadSide.open(journal) as side:
        yield RiskOfRecord(side)


@pytest.fixture(scope="module")
def folded(journal: Path) -> BookOnRecord:
    with JournalReader.open(journal) as reader:
        return book_on_record(reader)


def test_the_book_is_the_same_where_every_quote_was_read(
    journal: Path, folded: BookOnRecord
) -> None:
    state, chains = DeskState(), 0
    with JournalReader.open(journal) as reader:
        for entry in reader.read():
            state = fold(state, entry)
            if isinstance(entry.event, MarketSampled):
                chains += len(entry.event.snapshot.chains)
        assert not any(
            entry.event.snapshot.chains
            for entry in reader.read(with_chains=False)
            if isinstance(entry.event, MarketSampled)
        )
    assert chains > 0
    assert folded.state == state


def test_the_lots_are_those_of_the_folded_book(risk: RiskOfRecord, folded: BookOnRecord) -> None:
    mine = Counter(
        (one.account, one.instrument, one.quantity) for one in risk.suppose(0.0, 1.0, "", 0.0).lots
    )
    theirs = Counter(
        (str(lot.account), str(lot.instrument), lot.quantity_signed)
        for lot in folded.state.book.all_positions()
    )
    assert mine == theirs
    assert mine


@pytest.mark.parametrize(("move", "factor"), [(-0.1, 1.0), (0.05, 1.0), (0.0, 1.5), (0.0, 0.8)])
def test_a_supposed_market_gains_and_loses_what_the_engines_say(
    risk: RiskOfRecord, folded: BookOnRecord, move: float, factor: float
) -> None:
    lots = [lot_of(one) for one in all_held(folded.state, folded.snapshot)]
    whole = float(gains(lots, folded.snapshot.rate, (move,), (factor,)).sum())
    mine = sum(one.gain for one in risk.suppose(move, factor, "", 0.0).lots)
    assert mine == pytest.approx(whole, rel=0.02, abs=25.0)


def test_nothing_supposed_changes_nothing(risk: RiskOfRecord) -> None:
    assert all(abs(one.gain) < 1e-6 for one in risk.suppose(0.0, 1.0, "", 0.0).lots)


def test_a_symbol_alone_moves_alone(risk: RiskOfRecord) -> None:
    found = risk.suppose(-0.2, 1.0, "MSFT", 0.0).lots
    moved = {one.instrument.partition(" ")[0] for one in found if abs(one.gain) > 1e-6}
    assert moved <= {"MSFT"}


def test_points_of_vix_count_as_a_share_of_where_it_stands(risk: RiskOfRecord) -> None:
    vix = risk.suppose(0.0, 1.0, "", 0.0).vix
    assert vix is not None
    by_points = [one.gain for one in risk.suppose(0.0, 1.0, "", vix).lots]
    by_factor = [one.gain for one in risk.suppose(0.0, 2.0, "", 0.0).lots]
    assert by_points == pytest.approx(by_factor)


def test_the_worst_scenario_comes_first(risk: RiskOfRecord) -> None:
    amounts = [one.amount for one in risk.scenarios().figures]
    assert amounts == sorted(amounts)
    assert amounts[0] < 0.0


def test_a_greek_is_the_sum_of_its_parts(risk: RiskOfRecord) -> None:
    for one in risk.greeks().figures:
        assert one.amount == pytest.approx(sum(value for _, value in one.parts))


def test_too_few_closes_give_no_value_at_risk(risk: RiskOfRecord) -> None:
    assert risk.value_at_risk().figures == ()
