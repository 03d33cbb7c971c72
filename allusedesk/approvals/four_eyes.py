"""Four eyes: which proposals two persons have to sign, and whether a second signature is one."""

from __future__ import annotations

from allusedesk.domain.changing import replace
from allusedesk.domain.inputs import OperatorDecided
from allusedesk.domain.money import NOTHING, Money, notional
from allusedesk.domain.proposals import Proposal
from allusedesk.domain.trust import (
    FourEyesAwaited,
    FourEyesChanged,
    ProposalSigned,
    SecondSignatureSet,
    is_person,
    is_same_person,
)
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.risk.payoff import worst_case_asked


def limit_in_force(set_by_hand: Money | None, rulebook: Rulebook) -> Money | None:
    """The worst case above which two sign: the lower of a person's and the rulebook's."""
    own = rulebook.approvals.second_signature_above
    if own is None:
        return set_by_hand
    return Money(own) if set_by_hand is None else min(set_by_hand, Money(own))


def needs_second(proposal: Proposal, quantity: int | None, above: Money | None) -> bool:
    """True where the worst case of what is approved lies above the limit; None sets none.

    `quantity` is that of an edited approval. A close can lose what it pays, a roll what it opens;
    what could lose without limit always needs two.
    """
    if above is None or not proposal.legs:
        return False
    wanted = proposal if quantity is None else replace(proposal, quantity=quantity)
    opened = tuple(leg for leg in wanted.legs if leg.closes is None)
    if not opened:
        return _paid(wanted) > above
    # What a roll closes was held before; beside what it opens it would look like a spread.
    worst = worst_case_asked(replace(wanted, legs=opened))
    return worst is None or -worst > above


def _paid(proposal: Proposal) -> Money:
    if proposal.credit_net is None:
        return NOTHING
    multiplier = proposal.legs[0].instrument.multiplier
    return -notional(proposal.credit_net, proposal.quantity, multiplier)


def countersigned(signed: ProposalSigned, decided: OperatorDecided) -> str:
    """Why a yes is no second signature; empty where it is one.

    It must be another person's, name the digest of what the first one signed, say what its own
    card showed, and ask for the same quantity and limit.
    """
    if not is_person(decided.operator):
        who = decided.operator or "somebody without a name"
        return f"two persons have to sign, and {who} is none"
    if is_same_person(signed.operator, decided.operator):
        return f"{signed.operator} has signed already; a second, different person has to sign"
    if decided.seen is None or decided.countersigns != signed.seen.digest:
        return (
            f"it does not name what {signed.operator} signed; open the question again and sign "
            "what it shows"
        )
    if (decided.quantity, decided.limit) != (signed.quantity, signed.limit):
        return (
            f"{signed.operator} signed another quantity or limit; sign the same, or reject it and "
            "let it be asked again"
        )
    return ""


def settled(
    wanted: SecondSignatureSet, awaited: FourEyesAwaited | None, in_force: Money | None
) -> FourEyesChanged | FourEyesAwaited | str:
    """What a person's wish for another limit amounts to; a sentence where it is refused.

    Stricter counts at once. Looser needs a second, different person who wants the very same, for
    what one person can switch off alone protects from nobody.
    """
    if not is_person(wanted.operator):
        return "only a person sets who has to sign"
    if wanted.above is not None and wanted.above < NOTHING:
        return f"{wanted.above} is no worst case: give an amount of zero or more"
    is_looser = in_force is not None and (wanted.above is None or wanted.above > in_force)
    if not is_looser:
        return FourEyesChanged(wanted.above, wanted.operator)
    is_second = (
        awaited is not None
        and awaited.above == wanted.above
        and not is_same_person(awaited.operator, wanted.operator)
    )
    if awaited is not None and is_second:
        return FourEyesChanged(wanted.above, awaited.operator, wanted.operator)
    return FourEyesAwaited(wanted.above, wanted.operator)
