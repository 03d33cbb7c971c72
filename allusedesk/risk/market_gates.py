"""The market a proposal meets, leg by leg: quotes, liquidity, halts, adjusted contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from allusedesk.domain.instruments import Instrument, OptionContract, Stock
from allusedesk.domain.money import CENT
from allusedesk.domain.positions import PositionRole
from allusedesk.domain.proposals import Comparison, Leg, Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot, Quote
from allusedesk.protocol.liquidity import INVALID, REFUSE, OrderQuestion, judge_order, tick_of
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, exact

VALIDITY = "bid and ask"
AGE = "quote age in seconds"


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison and the rule it belongs to."""

    rule: str
    comparison: Comparison


def judge_market(
    proposal: Proposal, snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[list[Finding], tuple[str, ...]]:
    """Findings that bind, and warnings about what does not (closes and rolls)."""
    findings: list[Finding] = []
    warnings: list[str] = []
    for symbol in dict.fromkeys(leg.instrument.underlying for leg in proposal.legs):
        found = _judge_underlying(symbol, snapshot)
        if proposal.is_opening:
            findings.extend(found)
        else:
            warnings.extend(_as_warning(each) for each in found if not each.comparison.passed)
    for leg in proposal.legs:
        found, heard = _judge_leg(leg, proposal, snapshot, rulebook)
        findings.extend(found)
        warnings.extend(heard)
    return findings, tuple(warnings)


def tick_for(instrument: Instrument, price: Decimal, rulebook: Rulebook) -> Decimal:
    """The price step of an instrument: a cent for shares, the rulebook's for options."""
    if isinstance(instrument, Stock):
        return CENT
    return tick_of(instrument.underlying, price, rulebook)


def _judge_underlying(symbol: str, snapshot: MarketSnapshot) -> list[Finding]:
    seen = snapshot.underlying(symbol)
    is_halted = seen is not None and seen.is_halted
    is_frozen = seen is not None and seen.is_frozen_for_action
    halted = Comparison(f"{symbol} halted", _yes(is_halted), "no", not is_halted)
    frozen = Comparison(f"{symbol} awaits new terms", _yes(is_frozen), "no", not is_frozen)
    return [Finding("market.halted", halted), Finding("entry.corporate_action", frozen)]


def _yes(is_so: bool) -> str:  # noqa: FBT001 - it is the value itself
    return "yes" if is_so else "no"


def _as_warning(finding: Finding) -> str:
    met = finding.comparison
    return f"{finding.rule}: {met.name} is {met.value}, the limit is {met.limit}."


def _judge_leg(
    leg: Leg, proposal: Proposal, snapshot: MarketSnapshot, rulebook: Rulebook
) -> tuple[list[Finding], tuple[str, ...]]:
    instrument = leg.instrument
    found: list[Finding] = []
    if isinstance(instrument, OptionContract) and leg.closes is None:
        delivers = Comparison(
            f"shares one {instrument} delivers",
            str(instrument.multiplier),
            "the standard number",
            instrument.is_standard,
        )
        found.append(Finding("entry.standard_contract", delivers))
    quote = snapshot.quote_of(instrument)
    if quote is None:
        missing = Comparison(f"quote of {instrument}", "none", "one", passed=False)
        return [*found, Finding("chain.none", missing)], ()
    verdict = _judged(quote, leg, proposal, snapshot.taken_at, rulebook)
    if isinstance(instrument, Stock):
        found.extend(_judge_shares(verdict, proposal))
        return found, ()
    if verdict.verdict == REFUSE:
        found.extend(Finding(verdict.rule, comparison) for comparison in verdict.comparisons)
        return found, ()
    found.extend(Finding(verdict.rule, met) for met in verdict.comparisons if met.passed)
    return found, tuple(f"{instrument}: {warning}" for warning in verdict.warnings)


def _judge_shares(verdict: Verdict, proposal: Proposal) -> list[Finding]:
    """Shares are no series: of the gates only the quote's validity and age speak of them."""
    found = [Finding(INVALID, met) for met in verdict.comparisons if met.name == VALIDITY]
    if proposal.is_opening:
        found.extend(Finding("quote.age", met) for met in verdict.comparisons if met.name == AGE)
    return found


def _is_warned_only(proposal: Proposal, leg: Leg, quote: Quote) -> bool:
    """Closes, shares, hedges and rungs, whose spread was held to its gate when chosen.

    So is what a strategy buys: its definition bounds the spread, and what it sells meets all.
    """
    is_for_months = proposal.is_hedge or proposal.is_rung
    if leg.role is PositionRole.STRATEGY and leg.side is Side.BUY:
        return True
    return not proposal.is_opening or is_for_months or isinstance(quote.instrument, Stock)


def _judged(
    quote: Quote, leg: Leg, proposal: Proposal, now: datetime, rulebook: Rulebook
) -> Verdict:
    mark = Decimal(0) if quote.mark is None else quote.mark.per_unit
    volume = None if quote.volume_average is None else exact(quote.volume_average)
    question = OrderQuestion(
        quantity=proposal.quantity,
        bid=None if quote.bid is None else quote.bid.per_unit,
        ask=None if quote.ask is None else quote.ask.per_unit,
        quote_age=exact(quote.age_seconds(now)),
        tick=tick_for(quote.instrument, mark, rulebook),
        open_interest=quote.open_interest,
        volume=volume,
        volume_average=volume,
        is_closing=_is_warned_only(proposal, leg, quote),
    )
    return judge_order(question, rulebook)
