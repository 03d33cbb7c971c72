"""Whether a sleeve is large enough to trade anything, said at set-up and before a fork."""

from __future__ import annotations

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import STANDARD_MULTIPLIER
from allusedesk.domain.money import Money, notional
from allusedesk.engine.state import DeskState
from allusedesk.protocol.sizing import TOO_SMALL, LotPrice, sleeve_too_small
from allusedesk.protocol.verdicts import Verdict


def size_of_sleeve(state: DeskState, kind: AccountKind, equity: Money) -> Verdict | None:
    """Whether `equity` affords one lot of any symbol of the tier; None before a price was seen."""
    fee = Money(state.rules.costs.contract)
    prices = [
        LotPrice(symbol, notional(state.spots[symbol], STANDARD_MULTIPLIER) + fee)
        for symbol in state.symbols_of(kind)
        if symbol in state.spots
    ]
    return sleeve_too_small(kind, equity, prices, state.rules) if prices else None


def is_too_small(verdict: Verdict | None) -> bool:
    """True where the verdict says that nothing can be traded."""
    return verdict is not None and verdict.verdict == TOO_SMALL
