"""Plain sentences about trades, for somebody who has never made one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from allusedesk.domain.accounts import AccountKind
from allusedesk.domain.instruments import Instrument, OptionContract, Right
from allusedesk.domain.money import Money, Price, notional
from allusedesk.reports.client.stories import OptionStory, ShareStep, StoryEnd, price_per_share
from allusedesk.reports.statement import Percent
from allusedesk.reports.wording import shown, written_day

TIERS = {
    AccountKind.GENERATION: "the part that makes promises most often",
    AccountKind.REVENUE: "the part meant to bring a steady income",
    AccountKind.COMPOUNDING: "the part that mostly holds shares",
}

_SMALLEST_SHOWN = Decimal("0.0001")

# What a share (or an index) cost when an option ended, by symbol and day.
Closes = Mapping[tuple[str, date], Price]


def dollars(amount: Money | Price) -> str:
    """An amount without its sign, such as `$312` or `$1,133.55`."""
    if isinstance(amount, Money):
        text = shown(Money(abs(amount.amount), amount.currency))
    else:
        text = shown(Price(abs(amount.per_unit), amount.currency))
    return f"${text.removesuffix('.00')}"


def gained(amount: Money) -> str:
    """`gained $5`, `lost $5` or `neither gained nor lost anything`."""
    if not amount.to_cents():
        return "neither gained nor lost anything"
    return f"{'gained' if amount.amount > 0 else 'lost'} {dollars(amount)}"


def per_cent(fraction: Decimal) -> str:
    """A fraction without its sign, such as `1.50%`, or `less than 0.01%`."""
    if fraction and abs(fraction) < _SMALLEST_SHOWN:
        return f"less than {shown(Percent(_SMALLEST_SHOWN))}"
    return shown(Percent(abs(fraction)))


def day_in_words(day: date, year: int) -> str:
    """A day in full, its year left out where it is the one just named."""
    full = written_day(day)
    return full.rpartition(" ")[0] if day.year == year else full


def shares_of(count: int, symbol: str) -> str:
    """`1 share of MSFT`, `100 shares of MSFT`."""
    return f"{count:,} {'share' if count == 1 else 'shares'} of {symbol}"


def each_or_not(count: int) -> str:
    """` each` for several."""
    return "" if count == 1 else " each"


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def joined(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing for none."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def terms_in_words(contract: OptionContract, quantity: int, *, is_short: bool) -> str:
    """What contracts oblige to or allow: `promising to buy 100 shares of MSFT at $130 each`."""
    is_put = contract.right is Right.PUT
    units = quantity * contract.multiplier
    strike = dollars(Price(contract.strike))
    if contract.is_cash_settled:
        where = "below" if is_put else "above"
        level = strike.removeprefix("$")
        owed = f"${units:,} for each point the index {contract.priced_by} stands {where} {level}"
        return f"promising to pay {owed}" if is_short else f"the right to be paid {owed}"
    deal = f"{shares_of(units, contract.underlying)} at {strike}{each_or_not(units)}"
    if is_short:
        return f"promising to {'buy' if is_put else 'sell'} {deal}"
    return f"the right to {'sell' if is_put else 'buy'} {deal}"


def thing_in_words(instrument: Instrument, *, is_short: bool) -> str:
    """What is held, such as `Promise to buy MSFT at $130 until 15 March 2013`, for one contract."""
    if not isinstance(instrument, OptionContract):
        return f"Shares of {instrument.symbol}"
    is_put = instrument.right is Right.PUT
    until = written_day(instrument.expiry)
    strike = dollars(Price(instrument.strike))
    if instrument.is_cash_settled:
        kind = "Promise to pay" if is_short else "Right to be paid"
        where = "below" if is_put else "above"
        level = strike.removeprefix("$")
        return f"{kind} for each point {instrument.priced_by} stands {where} {level} on {until}"
    kind = "Promise" if is_short else "Right"
    deed = "buy" if is_put is is_short else "sell"
    return f"{kind} to {deed} {instrument.underlying} at {strike} until {until}"


def story_in_words(story: OptionStory, closes: Closes) -> str:
    """One option from its opening to its end, in sentences with its own numbers."""
    year = story.opened_on.year
    verb = "were paid" if story.is_short else "paid"
    begun = f"On {written_day(story.opened_on)} you {verb} {dollars(story.premium)} for"
    if story.is_carried_in:
        verb = "had been paid" if story.is_short else "had paid"
        begun = (
            f"From before: on {written_day(story.opened_on)} you {verb} "
            f"{dollars(story.premium)} for"
        )
    terms = terms_in_words(story.contract, story.quantity, is_short=story.is_short)
    when = "on" if story.contract.is_european else "until"
    said = [f"{begun} {terms} {when} {day_in_words(story.contract.expiry, year)}."]
    if story.was_split:
        said.append("These are the numbers after a split of the share.")
    price = closes.get((story.contract.priced_by, story.contract.expiry))
    said += [_end_in_words(story, end, price) for end in story.ends]
    if story.left:
        part = ""
        if story.left != story.quantity:
            part = f" for {story.left * story.contract.multiplier:,} of them"
        where = "What comes next" if story.is_short else "What you have now"
        said.append(f"It still stood at the end of this statement{part}: see {where}.")
    return " ".join(said)


def _end_in_words(story: OptionStory, end: StoryEnd, price: Price | None) -> str:
    match end.how:
        case "fill":
            return _closed(story, end)
        case "expiry":
            return _ended(story, end, price)
        case "settlement":
            return _settled(story, end, price)
        case _:
            return _delivered(story, end, price)


def _closed(story: OptionStory, end: StoryEnd) -> str:
    on = day_in_words(end.on, story.opened_on.year)
    is_part = end.quantity != story.quantity
    units = f"{end.quantity * story.contract.multiplier:,}"
    if not story.is_short:
        part = f"{units} of them" if is_part else "it"
        new = ", bought another right in its place" if end.is_replaced else ""
        sold = f"On {on} you sold {part} for {dollars(end.amount)}{new}"
        return f"{sold} and so {gained(end.realised)}."
    part = f"{units} of them" if is_part else "it"
    kept = end.realised
    if not kept.to_cents():
        so = "exactly what you had been paid"
    elif kept.amount > 0:
        so = f"the other {dollars(kept)} you had been paid stayed yours"
    else:
        so = f"{dollars(kept)} more than you had been paid, a loss"
    new = " and made a new promise in its place" if end.is_replaced else ""
    return f"On {on} you paid {dollars(end.amount)} to be free of {part}{new}: {so}."


def _ended(story: OptionStory, end: StoryEnd, price: Price | None) -> str:
    on = day_in_words(story.contract.expiry, story.opened_on.year)
    seen = _seen(story, price, is_used=False)
    if story.is_short:
        kept = f"the {dollars(end.realised)} stayed yours"
        if seen:
            return f"On {on} {seen}, so nobody held you to it and {kept}."
        return f"Nobody held you to it, it ended on {on} and {kept}."
    lost = f"it ended without use and the {dollars(end.realised)} it had cost was lost"
    return f"On {on} {seen}, so {lost}." if seen else f"On {on} {lost}."


def _seen(story: OptionStory, price: Price | None, *, is_used: bool) -> str:
    """Where the price stood against what was agreed, where it explains what happened then."""
    if price is None:
        return ""
    is_above = price.per_unit > story.contract.strike
    explains = (is_above is not story.is_put) is is_used or price.per_unit == story.contract.strike
    what = "the index stood at" if story.contract.is_cash_settled else "the price was"
    text = dollars(price)
    strike = dollars(Price(story.contract.strike))
    if story.contract.is_cash_settled:
        text, strike = text.removeprefix("$"), strike.removeprefix("$")
    if not explains:
        return ""
    if price.per_unit == story.contract.strike:
        return f"{what} exactly {text}"
    return f"{what} {text}, {'above' if is_above else 'below'} {strike}"


def _settled(story: OptionStory, end: StoryEnd, price: Price | None) -> str:
    on = day_in_words(story.contract.expiry, story.opened_on.year)
    seen = _seen(story, price, is_used=True) or "the price was decided"
    paid = "had to pay" if end.amount.amount < 0 else "were paid"
    before = dollars(end.realised - end.amount)
    what = (
        f"with the {before} you had been paid" if story.is_short else f"less its cost of {before}"
    )
    so = f"{what}, you {gained(end.realised)}"
    return f"On {on} {seen}, so you {paid} {dollars(end.amount)}; {so}."


def _delivered(story: OptionStory, end: StoryEnd, price: Price | None) -> str:
    contract = story.contract
    year = story.opened_on.year
    units = end.quantity * contract.multiplier
    paid = notional(Price(contract.strike), units)
    brings = story.is_short is story.is_put
    deed = "bought" if brings else "sold"
    deal = f"you {deed} {shares_of(units, contract.underlying)} for {dollars(paid)}"
    is_early = end.on <= contract.expiry
    if is_early:
        who = "the other side held you to it" if story.is_short else "the right was used"
        said = f"On {day_in_words(end.on, year)}, before its last day was over, {who}: {deal}."
    else:
        seen = _seen(story, price, is_used=True)
        held = "you were held to it" if story.is_short else "the right was used"
        on = day_in_words(contract.expiry, year)
        if seen and price is not None:
            apart = paid - notional(price, units)
            less = "more" if apart.amount > 0 else "less"
            than = f"{dollars(apart)} {less} than they were worth that day"
            said = f"On {on} {seen}, so {held}: {deal}, {than}."
        else:
            said = f"It ran to its end on {on} and {held}: {deal}."
    if story.is_short:
        return f"{said} Here only the {dollars(end.realised)} you had been paid is counted."
    return f"{said} Here only the {dollars(end.realised)} the right had cost is counted."


def share_step_in_words(step: ShareStep) -> str:
    """One coming or going of shares, in a sentence."""
    units = abs(step.units_signed)
    what = shares_of(units, step.symbol)
    if step.how == "split":
        more = "more" if step.units_signed >= 0 else "fewer"
        noun = "share" if units == 1 else "shares"
        return f"A split left you {units:,} {more} {noun} of {step.symbol}; their cost stayed."
    each = ""
    if units > 1:
        each = f" ({dollars(price_per_share(step.amount, units))} each)"
    if step.units_signed > 0:
        verb = "bought" if step.how == "fill" else "received"
        why = "" if step.how == "fill" else ", through an option that was used"
        return f"You {verb} {what} for {dollars(step.amount)}{each}{why}."
    cost = f"they had cost you {dollars(step.cost)}, so you {gained(step.realised)}"
    if units == 1:
        cost = f"it had cost you {dollars(step.cost)}, so you {gained(step.realised)}"
    if step.how == "fill":
        return f"You sold {what} for {dollars(step.amount)}{each}; {cost}."
    verb = "was" if units == 1 else "were"
    return f"{what} {verb} called away for {dollars(step.amount)}{each}; {cost}."
