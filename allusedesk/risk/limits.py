"""`judge`: every check on a proposal, one `RiskVerdict`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from allusedesk.domain.book import Book
from allusedesk.domain.collateral import held_by_lots
from allusedesk.domain.instruments import STANDARD_MULTIPLIER, OptionContract, Right, Stock
from allusedesk.domain.money import NOTHING, Money, Price, total
from allusedesk.domain.orders import Order, OrderStatus
from allusedesk.domain.positions import Position
from allusedesk.domain.proposals import Comparison, NamedAmount, Proposal, Side
from allusedesk.domain.quotes import MarketSnapshot
from allusedesk.protocol.recovery import FREEZE_RECOVERY
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.views import SleeveView
from allusedesk.risk.compliance import Around, judge_conduct
from allusedesk.risk.exposures import Exposure, covers_of, exposure_after
from allusedesk.risk.margin import MarginLeg, cash_secured, margin_use, regulation_t, uncovered
from allusedesk.risk.market_gates import Finding, judge_market
from allusedesk.risk.payoff import PayoffLeg, break_evens, scenarios, worst_case

# How the worst case is shown (section 12): to zero, and after these falls overnight.
FALLS_SHOWN = (Decimal("0.10"), Decimal("0.20"))


@dataclass(frozen=True, slots=True)
class Standing:
    """A sleeve and the desk around it, as they stand before the proposal.

    `view.cash_free`, its freezes and its issuer rooms leave the proposal itself out. `orders` are
    all live orders of the desk, since an order of unknown fate blocks its symbol everywhere.
    `around` is the whole account, for what law and broker ask; None asks nothing of them.
    """

    view: SleeveView
    orders: tuple[Order, ...] = ()
    around: Around | None = None


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """Every check with its figure and its limit; `rule` is the first that failed, else `risk`.

    `worst_case` is the smallest profit at expiry (a loss is negative) of the legs together with
    the shares they cover; `scenarios` are the falls shown, `break_evens` where profit is nil.
    """

    passed: bool
    rule: str
    comparisons: tuple[Comparison, ...]
    warnings: tuple[str, ...]
    worst_case: Money
    scenarios: tuple[NamedAmount, ...]
    break_evens: tuple[Price, ...]
    collateral_before: Money
    collateral_after: Money
    cash_free_after: Money


def judge(
    proposal: Proposal,
    book: Book,
    standing: Standing,
    snapshot: MarketSnapshot,
    rulebook: Rulebook,
) -> RiskVerdict:
    """Hold a proposal against every limit: the desk's stops first, then orders, cash, market.

    Openings are refused by any of them. Closes and rolls are refused only where they would leave
    a put without cash or a call without shares, or cross an order that lives; what the market
    gates find about them is a warning (section 8).
    """
    fee = Money(rulebook.costs.contract)
    exposure = exposure_after(proposal, standing.view, fee)
    findings = [
        *_judge_stops(proposal, standing.view),
        *_judge_orders(proposal, standing.orders),
        *_judge_cover(proposal, book, standing, exposure),
        *_judge_cash(proposal, standing.view, exposure, rulebook),
        *_judge_margin(proposal, standing.view, exposure, rulebook),
        *_judge_caps(proposal, standing.view, exposure, rulebook),
    ]
    market, warnings = judge_market(proposal, snapshot, rulebook)
    findings.extend(market)
    if standing.around is not None:
        lawful, heard = judge_conduct(proposal, book, standing.around, snapshot, rulebook)
        findings.extend(lawful)
        warnings = (*warnings, *heard)
    failed = [finding for finding in findings if not finding.comparison.passed]
    legs = payoff_legs(proposal, book, snapshot)
    spot = proposal.spot
    # A loss without limit has no figure; what could have one never passes the cover check.
    worst = worst_case(legs)
    shown = scenarios(legs, spot, FALLS_SHOWN) if spot is not None else ()
    return RiskVerdict(
        passed=not failed,
        rule=failed[0].rule if failed else "risk",
        comparisons=tuple(finding.comparison for finding in findings),
        warnings=warnings,
        worst_case=NOTHING if worst is None else worst,
        scenarios=tuple(NamedAmount(scenario.name, scenario.profit) for scenario in shown),
        break_evens=break_evens(legs),
        collateral_before=exposure.collateral_before,
        collateral_after=exposure.collateral_after,
        cash_free_after=exposure.cash_free_after,
    )


def _judge_stops(proposal: Proposal, view: SleeveView) -> list[Finding]:
    """Freezes, halts and breakers stop openings.

    Calls on shares held add no risk to them, so a freeze of one symbol or of a recovery lets
    them pass.
    """
    if not proposal.is_opening or proposal.is_hedge:
        return []
    symbols = {leg.instrument.underlying for leg in proposal.legs}
    is_call = all(leg.linked_to is not None for leg in proposal.legs)
    reasons = [
        freeze.reason
        for freeze in view.freezes
        if (not freeze.symbol or freeze.symbol in symbols)
        and not (is_call and (freeze.symbol or freeze.reason == FREEZE_RECOVERY))
        # A symbol's freeze is one of puts, and a rung sells none.
        and not (proposal.is_rung and freeze.symbol)
    ]
    stops = Comparison("freezes", ", ".join(reasons) or "none", "none", passed=not reasons)
    found = [Finding("entry.frozen", stops)]
    if view.puts_suspended_by and any(
        _sells_put(leg.side, leg.instrument) for leg in proposal.legs
    ):
        suspended = Comparison("puts suspended by", view.puts_suspended_by, "none", passed=False)
        found.append(Finding(view.puts_suspended_by, suspended))
    return found


def _sells_put(side: Side, instrument: object) -> bool:
    is_put = isinstance(instrument, OptionContract) and instrument.right is Right.PUT
    return is_put and side is Side.SELL


def _judge_orders(proposal: Proposal, orders: tuple[Order, ...]) -> list[Finding]:
    """No order beside one of unknown fate, none against one that lives, none doubled."""
    symbols = {leg.instrument.underlying for leg in proposal.legs}
    sides = {(leg.instrument, leg.side) for leg in proposal.legs}
    unknown, opposite, own = [], [], []
    for order in orders:
        if order.status.is_over:
            continue
        if order.proposal == proposal.id:
            own.append(order.id)
        for leg in order.legs:
            if order.status is OrderStatus.UNKNOWN and leg.instrument.underlying in symbols:
                unknown.append(order.id)
            if (leg.instrument, Side(-leg.side.value)) in sides:
                opposite.append(order.id)
    return [
        _none_of("order.unknown", "orders of unknown fate on the symbol", unknown),
        _none_of("order.opposite", "live orders on the other side of the contract", opposite),
        _none_of("order.doubled", "live orders of this proposal", own),
    ]


def _none_of(rule: str, name: str, found: Sequence[str]) -> Finding:
    listed = ", ".join(sorted(set(found))) or "none"
    return Finding(rule, Comparison(name, listed, "none", passed=not found))


def _judge_cover(
    proposal: Proposal, book: Book, standing: Standing, exposure: Exposure
) -> list[Finding]:
    """Every short call stands on linked shares of its own sleeve, and nothing is sold short."""
    found: list[Finding] = []
    for lot in covers_of(proposal, book, standing.orders):
        cover = Comparison(
            f"shares for calls on {lot.symbol}",
            str(lot.needed),
            f"at most {lot.shares}",
            passed=lot.needed <= lot.shares,
        )
        found.append(Finding("cover.shares", cover))
    for name in exposure.sold_short:
        short = Comparison(
            "opened by a sale", name, "puts with cash, calls with shares", passed=False
        )
        found.append(Finding("cover.naked", short))
    for text in exposure.mismatched:
        lot_is = Comparison("lot to be closed", text, "as held by the sleeve", passed=False)
        found.append(Finding("close.lot", lot_is))
    return found


def _judge_cash(
    proposal: Proposal, view: SleeveView, exposure: Exposure, rulebook: Rulebook
) -> list[Finding]:
    if not exposure.cash_needed.amount > 0 and not proposal.is_opening:
        return []
    secured = Comparison(
        "settled cash needed",
        str(exposure.cash_needed),
        f"at most {view.cash_free}",
        passed=exposure.cash_needed <= view.cash_free,
    )
    return [Finding("cash.secured", secured), *_shown_margin(proposal, rulebook)]


def _shown_margin(proposal: Proposal, rulebook: Rulebook) -> list[Finding]:
    """Regulation T for a put, were it uncovered: shown, since the cash that secures it is more."""
    if not proposal.is_opening or proposal.spot is None or proposal.credit_net is None:
        return []
    found = []
    # The legs of a spread are not uncovered, and its net price is that of none of them.
    for leg in proposal.legs if len(proposal.legs) == 1 else ():
        option = leg.instrument
        if not isinstance(option, OptionContract) or not _sells_put(leg.side, option):
            continue
        quantity = proposal.quantity
        premium, rules = proposal.credit_net, rulebook.margin
        margin = uncovered(option, quantity, premium, proposal.spot, rules)
        held = cash_secured(option, quantity, NOTHING)
        shown = Comparison("Regulation T if uncovered", str(margin), f"{held} is held", passed=True)
        found.append(Finding("margin.regulation_t", shown))
    return found


def _judge_margin(
    proposal: Proposal, view: SleeveView, exposure: Exposure, rulebook: Rulebook
) -> list[Finding]:
    """Margin used by what neither cash secures nor shares cover; nothing for the protocol's own."""
    if not proposal.is_opening or proposal.spot is None or proposal.credit_net is None:
        return []
    is_secured = exposure.cash_needed <= view.cash_free
    legs = [
        MarginLeg(leg.instrument, -proposal.quantity, proposal.credit_net)
        for leg in proposal.legs
        if leg.side is Side.SELL
        and leg.closes is None
        and (str(leg.instrument) in exposure.sold_short or not is_secured)
        and isinstance(leg.instrument, OptionContract)
    ]
    asked = regulation_t(legs, proposal.spot, rulebook.margin).maintenance
    used, limit = margin_use(asked, view.equity), rulebook.margin.use_max
    shown = f"{used:.1%}"
    use = Comparison("margin use after", shown, f"at most {limit:.0%}", passed=used <= limit)
    return [Finding("margin.use", use)]


def _judge_caps(
    proposal: Proposal, view: SleeveView, exposure: Exposure, rulebook: Rulebook
) -> list[Finding]:
    """Openings leave the sleeve's buffer in cash, and stay within symbol and issuer."""
    added = exposure.added
    if not proposal.is_opening or not added.amount > 0:
        return []
    symbol = proposal.legs[0].instrument.underlying
    rules = rulebook.account(view.kind)
    free, buffer = exposure.cash_free_after, view.equity * view.cash_buffer
    kept = Comparison("settled cash free after", str(free), f"at least {buffer}", free >= buffer)
    found = [Finding("cash.buffer", kept)]
    if rules.symbol_cap is not None:
        lots = [lot for lot in view.lots if lot.underlying == symbol]
        shares = [_worth_of(lot, proposal) for lot in lots if lot.is_shares]
        own = held_by_lots(lots, NOTHING).cash + total(shares)
        cap = view.equity * rules.symbol_cap
        found.append(_cap("cap.symbol", f"in {symbol} after", own + added, cap))
    room = view.issuer_room(symbol)
    if room is not None:
        found.append(_cap("cap.issuer", f"added to the issuer of {symbol}", added, room))
    return found


def is_share_purchase(proposal: Proposal) -> bool:
    """Whether a proposal buys shares and does nothing else."""
    legs = proposal.legs
    return bool(legs) and all(
        isinstance(leg.instrument, Stock) and leg.side is Side.BUY for leg in legs
    )


def shares_within_caps(
    symbol: str, quantity: int, price: Price, view: SleeveView, rulebook: Rulebook
) -> int:
    """How many of `quantity` shares to buy stay within symbol and issuer, each at `price`.

    Round lots stay round.
    """
    rules = rulebook.account(view.kind)
    issuer = view.issuer_room(symbol)
    rooms = [] if issuer is None else [issuer.amount]
    if rules.symbol_cap is not None:
        held = [lot for lot in view.lots if lot.underlying == symbol]
        shares = [lot.value_at(price) for lot in held if lot.is_shares]
        own = held_by_lots(held, NOTHING).cash + total(shares)
        rooms.append((view.equity * rules.symbol_cap - own).amount)
    fits = min([int(room // price.per_unit) for room in rooms], default=quantity)
    if fits >= quantity:
        return quantity
    lot = STANDARD_MULTIPLIER if quantity % STANDARD_MULTIPLIER == 0 else 1
    return max(fits // lot * lot, 0)


def _worth_of(lot: Position, proposal: Proposal) -> Money:
    """What shares of the proposal's symbol deploy: what they cost now."""
    return lot.value_at(lot.price_average if proposal.spot is None else proposal.spot)


def _cap(rule: str, name: str, value: Money, limit: Money) -> Finding:
    return Finding(rule, Comparison(name, str(value), f"at most {limit}", passed=value <= limit))


def payoff_legs(proposal: Proposal, book: Book, snapshot: MarketSnapshot) -> tuple[PayoffLeg, ...]:
    """The legs at their mids, and the shares that calls sold here cover at their own cost."""
    legs: list[PayoffLeg] = []
    for leg in proposal.legs:
        quote = snapshot.quote_of(leg.instrument)
        mark = quote.mark if quote is not None else None
        if mark is None:
            mark = Price(Decimal(0))
        signed = leg.side.value * proposal.quantity
        legs.append(PayoffLeg(leg.instrument, signed, mark))
        held = book.positions.get(leg.closes) if leg.closes is not None else None
        if held is not None:
            # What is closed was opened at its own price: together they end at nothing.
            legs.append(PayoffLeg(leg.instrument, -signed, held.price_average))
        shares = book.positions.get(leg.linked_to) if leg.linked_to is not None else None
        if shares is not None and shares.is_shares:
            covered = min(proposal.quantity * leg.instrument.multiplier, shares.quantity)
            legs.append(PayoffLeg(shares.instrument, covered, shares.price_average))
    return tuple(legs)
