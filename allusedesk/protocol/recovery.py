"""GBR-4, the protocol's answer to a deep drawdown (protocol, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from allusedesk.domain.identifiers import PositionId
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, NamedAmount, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.closing_orders import Outcome, buy_back
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import compared, written
from allusedesk.protocol.views import SleeveView, Wish

# The reason of the freeze that a recovery sets; calls on shares held pass it, puts do not.
FREEZE_RECOVERY = "recovery.freeze"


@dataclass(frozen=True, slots=True)
class RecoveryTerms:
    """What begins with a recovery: the freeze, the buffer, the sizes and until when."""

    position: PositionId
    freeze: str
    cash_buffer: Decimal
    size_factor: Decimal
    until: date


def begin_recovery(position: PositionId, today: date, rulebook: Rulebook) -> RecoveryTerms:
    """The terms of a recovery that begins today; entries resume only on a person's approval."""
    rules = rulebook.recovery
    until = today + timedelta(weeks=rules.weeks)
    return RecoveryTerms(position, FREEZE_RECOVERY, rules.cash_buffer, rules.size_factor, until)


def is_recovering(view: SleeveView) -> bool:
    """Tell whether a recovery froze the sleeve already."""
    return any(freeze.reason == FREEZE_RECOVERY for freeze in view.freezes)


def is_answered(view: SleeveView, lot: Position, rulebook: Rulebook) -> bool:
    """Tell whether a recovery has answered the fall of these shares: nothing new would follow.

    So while its freeze or its buffer holds, and for the same lot (or the put that brought it)
    until its price was back at its basis at the end of a week.
    """
    is_in_force = is_recovering(view) or view.cash_buffer >= rulebook.recovery.cash_buffer
    return is_in_force or lot.id in view.recovering or lot.linked_to in view.recovering


def propose_recovery(
    view: SleeveView,
    lot: Position,
    snapshot: MarketSnapshot,
    evidence: tuple[Comparison, ...],
    rulebook: Rulebook,
) -> Outcome:
    """Close the put, or keep the shares and sell calls: whichever is expected to lose less.

    Both losses are shown. Shares are never sold, so for them only keeping is proposed.
    """
    estimate = view.estimate(lot.id)
    closed = estimate.loss_if_closed if estimate else None
    kept = estimate.loss_if_kept if estimate else None
    amounts = tuple(
        NamedAmount(name, loss)
        for name, loss in (("expected loss if closed", closed), ("expected loss if kept", kept))
        if loss is not None
    )
    low = written(rulebook.assignment.recovery_delta_low)
    high = written(rulebook.assignment.recovery_delta_high)
    keep = f"keep the shares and sell calls of {low}-{high} delta"
    comparisons = evidence
    if closed is not None and kept is not None:
        is_cheaper = closed <= kept
        said = f"at most {written(kept.amount)} if kept"
        against = compared("expected loss if closed", closed.amount, said, passed=is_cheaper)
        comparisons = (*evidence, against)
    else:
        is_cheaper = True
    if not lot.is_short_put or not is_cheaper:
        spot = snapshot.underlying(lot.underlying)
        return Wish(
            ProposalKind.RECOVERY,
            view.account,
            (),
            lot.quantity,
            None,
            "recovery.keep",
            f"GBR-4 on {lot.instrument}: {keep}; freeze entries until a person resumes them.",
            comparisons,
            spot=spot.quote.mark if spot else None,
            amounts=amounts,
            concerns=(lot.id,),
        )
    why = "no estimate says that keeping loses less" if kept is None else "it loses less"
    return buy_back(
        view,
        lot,
        snapshot,
        ProposalKind.RECOVERY,
        ("recovery.close", f"GBR-4 on {lot.instrument}: close the put, since {why}; or {keep}."),
        comparisons,
        rulebook,
        amounts=amounts,
    )
