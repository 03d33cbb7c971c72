"""The paper desk over the sample market that ships with it: what a first start opens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.inputs import SymbolList
from allusedesk.resource_files import resource_path
from allusedesk.wiring.requests import ASK, DeskRequest, RehearsalRequest

FIRST, LAST = date(2012, 1, 9), date(2012, 12, 28)
CAPITAL = Decimal(1_000_000)
SEED = 7
SPEED = 60.0
RULEBOOK = "classic"
SYMBOLS = (
    SymbolList(AccountKind.GENERATION, ("AAPL", "IBM")),
    SymbolList(AccountKind.REVENUE, ("MSFT", "IBM", "AAPL")),
    SymbolList(AccountKind.COMPOUNDING, ("MSFT", "IBM")),
)


def sample_request(
    out: Path, *, last: date = LAST, speed: float | None = SPEED, approve: str = ASK
) -> DeskRequest:
    """A desk over the sample market whose journal lies in `out`."""
    request = RehearsalRequest(
        data=(resource_path("sample_market"),),
        first=FIRST,
        last=last,
        rulebook=RULEBOOK,
        symbols=SYMBOLS,
        capital=CAPITAL,
        approve=approve,
        seed=SEED,
        out=out,
    )
    return DeskRequest(request, speed)
