"""When a roll is favourable, and the best one a chain offers (protocol, section 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from allusedesk.domain.instruments import OptionContract
from allusedesk.domain.money import Price, notional
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, Leg, NamedAmount, ProposalKind, Side, TurnedDown
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.liquidity import tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, compared, ratio, written
from allusedesk.protocol.views import SleeveView, Wish

FAVOURABLE, UNFAVOURABLE = "favourable", "unfavourable"


@dataclass(frozen=True, slots=True)
class RollCandidate:
    """A later contract and the net credit per share (negative: cost) of moving to it."""

    contract: OptionContract
    credit_net: Price
    verdict: Verdict
    is_modelled: bool

    @property
    def is_favourable(self) -> bool:
        return self.verdict.verdict == FAVOURABLE


@dataclass(frozen=True, slots=True)
class RollSearch:
    """Every candidate priced, and the one to take where any is favourable."""

    best: RollCandidate | None
    candidates: tuple[RollCandidate, ...]

    def turned_down(self) -> tuple[TurnedDown, ...]:
        """The candidates not taken, in two rows: those that would do, and those that would not."""
        rows = []
        for verdict in (FAVOURABLE, UNFAVOURABLE):
            group = [c for c in self.candidates if c.verdict.verdict == verdict and c != self.best]
            if group:
                dearest = max(group, key=lambda c: c.credit_net.per_unit)
                rows.append(
                    TurnedDown(
                        f"roll to {dearest.contract}",
                        f"roll.{verdict}",
                        "another goes further" if verdict == FAVOURABLE else "it costs too much",
                        f"net {written(dearest.credit_net.per_unit)}",
                        dearest.verdict.comparisons[0].limit,
                        len(group),
                    )
                )
        return tuple(rows)


def judge_roll(credit: Decimal, cost: Decimal, rulebook: Rulebook) -> Verdict:
    """`favourable` or not; `credit` is the original premium, a negative cost a net credit."""
    rules = rulebook.roll
    if rules.needs_credit:
        passed = cost < 0
        against = compared("net cost", cost, "below 0, a net credit", passed=passed)
    else:
        passed = cost <= rules.cost_ratio_max * credit
        limit = f"at most {written(rules.cost_ratio_max)} of the credit, {written(credit)}"
        value = f"{written(cost)} is {ratio(cost, credit)} of the credit"
        against = compared("net cost", value, limit, passed=passed)
    return Verdict(FAVOURABLE if passed else UNFAVOURABLE, "roll.favourable", (against,))


def find_put_roll(
    lot: Position, snapshot: MarketSnapshot, rulebook: Rulebook, view: SleeveView | None = None
) -> RollSearch:
    """The lowest strike, 1 to 14 days later, that rolls favourably; never above this one.

    Of equal strikes the earlier expiry wins. The delta band does not bind a roll. A roll that
    must be a credit goes to a lower strike; one that may cost may also keep its strike, and costs
    are held against the credit of the first put, which `view` remembers.
    """
    option = _option_of(lot)
    credit = view.credit_of(lot.id) if view is not None else None
    if credit is not None:
        lot = replace(lot, price_average=credit)
    same = not rulebook.roll.needs_credit
    return _search(
        lot,
        snapshot,
        lambda contract: (
            contract.strike < option.strike or (same and contract.strike == option.strike)
        ),
        lambda candidate: (candidate.contract.strike, candidate.contract.expiry),
        rulebook,
    )


def find_call_roll(
    lot: Position, spot: Decimal, snapshot: MarketSnapshot, rulebook: Rulebook
) -> RollSearch:
    """The later call nearest to price under this strike that rolls favourably."""
    option = _option_of(lot)
    return _search(
        lot,
        snapshot,
        lambda contract: contract.strike < option.strike,
        lambda candidate: (abs(candidate.contract.strike - spot), candidate.contract.expiry),
        rulebook,
    )


def roll_wish(
    view: SleeveView,
    lot: Position,
    found: RollCandidate,
    search: RollSearch,
    snapshot: MarketSnapshot,
    rule: str,
    evidence: tuple[Comparison, ...],
    rulebook: Rulebook,
) -> Wish:
    """One two-leg order at a net limit: this contract back, the later one sold."""
    spot = snapshot.underlying(lot.underlying)
    credit = notional(found.credit_net, lot.quantity, found.contract.multiplier)
    return Wish(
        ProposalKind.ROLL,
        view.account,
        (
            Leg(lot.instrument, Side.BUY, lot.role, closes=lot.id),
            Leg(found.contract, Side.SELL, lot.role, linked_to=lot.linked_to),
        ),
        lot.quantity,
        found.credit_net,
        rule,
        f"Roll {lot.instrument} to {found.contract} {_net_in_words(found.credit_net)} a share.",
        (*evidence, *found.verdict.comparisons),
        search.turned_down(),
        spot=spot.quote.mark if spot else None,
        amounts=(NamedAmount("net credit", credit),),
        credit_least=_credit_least(lot, view.credit_of(lot.id), rulebook),
        is_modelled=found.is_modelled,
    )


def _net_in_words(credit: Price) -> str:
    if credit.per_unit >= 0:
        return f"for a net credit of {written(credit.per_unit)}"
    return f"at a net cost of {written(-credit.per_unit)}"


def _option_of(lot: Position) -> OptionContract:
    if lot.option is None:
        raise ValueError(f"{lot.id} is no option and cannot be rolled.")
    return lot.option


def _search(
    lot: Position,
    snapshot: MarketSnapshot,
    admits: Callable[[OptionContract], bool],
    order: Callable[[RollCandidate], tuple[object, ...]],
    rulebook: Rulebook,
) -> RollSearch:
    quote = snapshot.quote_of(lot.instrument)
    held = quote.ask if quote is not None else None
    if held is None or held.per_unit <= 0:
        return RollSearch(None, ())
    later = [
        _priced(lot, held, contract, quote, rulebook)
        for contract, quote in _later_contracts(lot, snapshot, rulebook)
        if admits(contract)
    ]
    candidates = tuple(sorted(later, key=order))
    best = next((candidate for candidate in candidates if candidate.is_favourable), None)
    return RollSearch(best, candidates)


def _later_contracts(
    lot: Position, snapshot: MarketSnapshot, rulebook: Rulebook
) -> Iterator[tuple[OptionContract, Quote]]:
    option, chain = _option_of(lot), snapshot.chain(lot.underlying)
    rules = rulebook.roll
    for quote in chain.quotes if chain else ():
        contract = quote.instrument
        if (
            isinstance(contract, OptionContract)
            and contract.right is option.right
            and contract.is_standard
            and rules.days_later_low <= (contract.expiry - option.expiry).days
            and (contract.expiry - option.expiry).days <= rules.days_later_high
            and quote.bid is not None
            and quote.bid.per_unit > 0
            and quote.mid is not None
        ):
            yield contract, quote


def _priced(
    lot: Position, held: Price, contract: OptionContract, quote: Quote, rulebook: Rulebook
) -> RollCandidate:
    """Judged at what the market pays now, bid against ask: a credit at mid alone is no credit."""
    sold = quote.bid or held
    credit = sold - held
    verdict = judge_roll(lot.price_average.per_unit, -credit.per_unit, rulebook)
    return RollCandidate(contract, credit, verdict, quote.is_modelled)


def _credit_least(lot: Position, credit: Price | None, rulebook: Rulebook) -> Price:
    """The net credit at which a roll is still favourable; orders of two legs trade in ticks."""
    rules, premium = rulebook.roll, lot.price_average if credit is None else credit
    if rules.needs_credit:
        return Price(tick_of(lot.underlying, Decimal(0), rulebook), premium.currency)
    return Price(-rules.cost_ratio_max * premium.per_unit, premium.currency)
