"""What the family rules want once a week: forks, merges, reinvestment, and going on again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from allusedesk.domain.accounts import (
    AccountId,
    AccountKind,
    Family,
    FamilyId,
    family_of,
    kind_of,
)
from allusedesk.domain.money import Money, total
from allusedesk.domain.proposals import Comparison, NamedAmount, ProposalKind
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.domain.weeks import WeekId
from allusedesk.engine.sleeve_sizes import is_too_small, size_of_sleeve
from allusedesk.engine.state import DeskState, Sleeve
from allusedesk.portfolio.valuation import BookValue
from allusedesk.protocol.forking import (
    FORK,
    MERGE,
    NONE,
    fork_barred,
    fork_due,
    merge_due,
    mini_due,
)
from allusedesk.protocol.levels import FREEZE_EXIT
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.reinvestment import REINVEST, reinvest
from allusedesk.protocol.verdicts import Verdict, compared
from allusedesk.protocol.views import Wish
from allusedesk.risk.circuit_breakers import breakers_that_may_lower

_FRIDAY = 5
_TIERS = frozenset(kind.value for kind in AccountKind)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter that the closed week ended."""

    name: str
    month: int


def quarter_ended_by(week: WeekId) -> Quarter | None:
    """The quarter whose last Friday lies in this week, if any."""
    friday = date.fromisocalendar(week.year, week.number, _FRIDAY)
    if friday.month % 3 or (friday + timedelta(weeks=1)).month == friday.month:
        return None
    return Quarter(f"{friday.year}-Q{friday.month // 3}", friday.month)


def family_wishes(
    state: DeskState, account: AccountId, values: BookValue, quarter: Quarter | None
) -> tuple[Wish, ...]:
    """The fork, merge and reinvestment that are due for one sleeve."""
    sleeve = state.sleeves[account]
    equity = values.of(account).equity
    wishes = []
    family = family_of(account)
    if family not in state.merging:
        fork = _fork_of(state, account, sleeve, equity)
        if fork.verdict == FORK:
            reason = f"{account} is worth {equity}: its surplus over {sleeve.base} forks."
            wishes.append(_fork_wish(state, account, fork, reason))
        wishes.extend(_merge_wishes(state, account, values))
    if quarter is not None and family not in state.minis:
        wishes.extend(_reinvestments(state, sleeve, equity, quarter))
    return tuple(wishes)


def fork_now(state: DeskState, account: AccountId, values: BookValue) -> Wish | Verdict:
    """The fork of a sleeve where its rule is due today, else the rule's no with its figures."""
    sleeve, equity = state.sleeves[account], values.of(account).equity
    family = family_of(account)
    if family in state.merging:
        coming = compared("family", str(family), "one that is not coming home", passed=False)
        return Verdict(NONE, "fork.merging", (coming,))
    fork = _fork_of(state, account, sleeve, equity)
    if fork.verdict != FORK:
        return fork
    return _fork_wish(state, account, fork, f"{account} is asked to fork its surplus by hand.")


def merge_now(state: DeskState, family: FamilyId, values: BookValue) -> Wish | Verdict:
    """The return of a fork where its rule is due today, else the rule's no with its figures."""
    standing = state.book.families[family]
    if standing.parent is None or family in state.merging:
        is_what = "the first one" if standing.parent is None else "coming home already"
        no_fork = compared("family", is_what, "a fork that is out", passed=False)
        return Verdict(NONE, "merge.no_parent", (no_fork,))
    verdict = _merge_of(state, standing, values)
    if verdict.verdict != MERGE:
        return verdict
    account = min(member.id for member in state.book.accounts_of(family))
    reason = f"{family} is asked to come home by hand: it closes its positions first."
    return _wish(account, ProposalKind.MERGE, verdict, reason)


def _fork_of(state: DeskState, account: AccountId, sleeve: Sleeve, equity: Money) -> Verdict:
    """The fork rule on what lies over base once tax is set aside; minis and a full house: none."""
    families = [item for item in state.book.families.values() if item.parent is not None]
    barred = fork_barred(len(families), state.rules, is_mini=family_of(account) in state.minis)
    if barred is not None:
        return barred
    return fork_due(kind_of(account), sleeve.base, equity - sleeve.tax_reserve, state.rules)


def resume_wishes(
    state: DeskState, account: AccountId, snapshot: MarketSnapshot
) -> tuple[Wish, ...]:
    """What a person may let go on in a sleeve, and (asked through the first) on the desk."""
    sleeve = state.sleeves[account]
    wishes = []
    if any(freeze.reason == FREEZE_RECOVERY for freeze in sleeve.freezes) and not _still_falls(
        state, sleeve
    ):
        reason = f"GBR-4 in {account} was carried out; its entries wait for your word."
        wishes.append(_resume(account, FREEZE_RECOVERY, "recovery.resume", reason, ()))
    if any(freeze.reason == FREEZE_EXIT for freeze in sleeve.freezes):
        reason = f"A stop of {account} was reached and its put was left: may it enter again?"
        wishes.append(_resume(account, FREEZE_EXIT, "level.reset", reason, ()))
    if sleeve.is_calls_only and not _holds_shares(state, account):
        drawdown = compared("drawdown", sleeve.drawdown, "no shares left to recover", passed=True)
        reason = (
            f"{account} may sell calls only, and holds no shares to sell them on: let it sell "
            "puts again, measured from today's equity?"
        )
        wishes.append(_resume(account, "drawdown", "breaker.drawdown.resume", reason, (drawdown,)))
    return (*wishes, *breaker_wishes(state, account, snapshot))


def breaker_wishes(
    state: DeskState, account: AccountId, snapshot: MarketSnapshot
) -> tuple[Wish, ...]:
    """The VIX breakers a person may lower after this close; asked through the first sleeve."""
    volatility = snapshot.volatility
    if volatility is None or account != min(state.sleeves):
        return ()
    wishes = []
    for verdict in breakers_that_may_lower(state.breakers, volatility.vix, state.rules):
        closed = verdict.comparisons[0]
        reason = (
            f"VIX closed at {closed.value}, {closed.limit}, where the breaker "
            f"{verdict.verdict} trips: lower it?"
        )
        wishes.append(_resume(account, verdict.verdict, verdict.rule, reason, verdict.comparisons))
    return tuple(wishes)


def _fork_wish(state: DeskState, account: AccountId, fork: Verdict, reason: str) -> Wish:
    """The fork, and whether each sleeve of the new family could trade anything at all."""
    wish = _wish(account, ProposalKind.FORK, fork, reason)
    sizes: list[Comparison] = []
    for part in fork.amounts:
        if part.name in _TIERS and part.amount:
            size = size_of_sleeve(state, AccountKind(part.name), part.amount)
            sizes.extend(size.comparisons if size is not None else ())
            if is_too_small(size):
                wish = replace(wish, reason=f"{wish.reason} Its {part.name} is too small to trade.")
    return replace(wish, comparisons=(*wish.comparisons, *sizes))


def _merge_wishes(state: DeskState, account: AccountId, values: BookValue) -> list[Wish]:
    """A fork that has grown enough comes home; asked through its Gen."""
    family = state.book.families[family_of(account)]
    if family.parent is None or kind_of(account) is not AccountKind.GENERATION:
        return []
    verdict, worth = _merge_of(state, family, values), _worth_of(state, family, values)
    if verdict.verdict != MERGE:
        return []
    reason = f"{family.id} is worth {worth}: it closes its positions and comes home."
    return [_wish(account, ProposalKind.MERGE, verdict, reason)]


def _worth_of(state: DeskState, family: Family, values: BookValue) -> Money:
    return total([values.of(member.id).equity for member in state.book.accounts_of(family.id)])


def _merge_of(state: DeskState, family: Family, values: BookValue) -> Verdict:
    worth, start = _worth_of(state, family, values), state.minis.get(family.id)
    if start is None:
        return merge_due(worth, state.rules)
    return mini_due(worth, start, family.opened_on, state.day, state.rules)


def _reinvestments(state: DeskState, sleeve: Sleeve, equity: Money, quarter: Quarter) -> list[Wish]:
    gain = equity - sleeve.quarter_equity
    verdict = reinvest(kind_of(sleeve.account), gain, quarter.month, state.rules)
    if verdict.verdict != REINVEST:
        return []
    wish = _wish(
        sleeve.account,
        ProposalKind.REINVESTMENT,
        verdict,
        f"{sleeve.account} gained {gain} in {quarter.name}: split it by the rulebook.",
        quarter.name,
    )
    return [_with_amount(wish, NamedAmount("gain", gain))]


def _with_amount(wish: Wish, amount: NamedAmount) -> Wish:
    return replace(wish, amounts=(amount, *wish.amounts))


def _wish(
    account: AccountId, kind: ProposalKind, verdict: Verdict, reason: str, note: str = ""
) -> Wish:
    return Wish(
        kind,
        account,
        (),
        0,
        None,
        verdict.rule,
        reason,
        verdict.comparisons,
        amounts=verdict.amounts,
        note=note,
    )


def _resume(
    account: AccountId, note: str, rule: str, reason: str, evidence: tuple[Comparison, ...]
) -> Wish:
    return Wish(ProposalKind.RESUME, account, (), 0, None, rule, reason, evidence, note=note)


def _still_falls(state: DeskState, sleeve: Sleeve) -> bool:
    """True while a put that set the recovery off is still open."""
    return any(
        lot.is_short_put
        for lot in state.book.positions_of(sleeve.account)
        if lot.id in sleeve.recovering
    )


def _holds_shares(state: DeskState, account: AccountId) -> bool:
    return any(lot.is_shares for lot in state.book.positions_of(account))
