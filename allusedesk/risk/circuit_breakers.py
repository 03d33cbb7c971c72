"""Breakers on VIX and on a sleeve's drawdown, and what each still allows (section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from allusedesk.domain.accounts import AccountKind
from allusedesk.protocol.rulebook import Rulebook
from allusedesk.protocol.verdicts import Verdict, compared, written


class Breaker(Enum):
    """What a breaker does; `explain breaker` answers with these words."""

    NONE = "none"
    HEDGED = "hedged"
    SAFE = "safe"
    KILL = "kill"
    CALLS_ONLY = "calls-only"


_HARDNESS = {Breaker.NONE: 0, Breaker.HEDGED: 1, Breaker.SAFE: 2, Breaker.KILL: 3}


VIX_BREAKERS = (Breaker.HEDGED.value, Breaker.SAFE.value, Breaker.KILL.value)


def vix_triggers(rulebook: Rulebook) -> tuple[tuple[Breaker, Decimal], ...]:
    """The VIX breakers, mildest first, each with the level it trips strictly above."""
    rules = rulebook.breakers
    return (
        (Breaker.HEDGED, rules.hedged_above),
        (Breaker.SAFE, rules.safe_above),
        (Breaker.KILL, rules.kill_above),
    )


def vix_breaker(vix: Decimal, rulebook: Rulebook) -> Verdict:
    """The hardest breaker that VIX trips; exactly on a level trips nothing."""
    comparisons = tuple(
        compared("VIX", vix, f"{breaker.value} above {written(level)}", passed=vix > level)
        for breaker, level in vix_triggers(rulebook)
    )
    tripped = [breaker for breaker, level in vix_triggers(rulebook) if vix > level]
    hardest = tripped[-1] if tripped else Breaker.NONE
    return Verdict(hardest.value, f"breaker.vix.{hardest.value}", comparisons)


def up_to(breaker: Breaker) -> tuple[Breaker, ...]:
    """A VIX breaker and those milder than it, mildest first; none for `NONE`."""
    return tuple(each for each, hardness in _HARDNESS.items() if 0 < hardness <= _HARDNESS[breaker])


@dataclass(frozen=True, slots=True)
class VixPrint:
    """One print of VIX in regular hours; a daily close is settled and speaks alone."""

    vix: Decimal
    at: datetime
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A VIX breaker that every print since `first` has called for; `prints` counts them."""

    breaker: Breaker
    first: datetime
    prints: int


@dataclass(frozen=True, slots=True)
class VixWatch:
    """The hardest breaker that is confirmed, and those that prints have called for so far."""

    confirmed: Breaker = Breaker.NONE
    called: tuple[Standing, ...] = ()


def watch_vix(watch: VixWatch, seen: VixPrint, rulebook: Rulebook) -> VixWatch:
    """The watch after one more print: a breaker needs several, far enough apart.

    One print below a level begins its count anew. Nothing here lowers what is confirmed: a person
    does, after a close below the trigger.
    """
    rules = rulebook.breakers
    apart = timedelta(seconds=rules.print_seconds)
    confirmed, called = watch.confirmed, []
    for breaker, level in vix_triggers(rulebook):
        if seen.vix <= level:
            continue
        earlier = next((item for item in watch.called if item.breaker is breaker), None)
        first = earlier.first if earlier is not None else seen.at
        prints = earlier.prints + 1 if earlier is not None else 1
        called.append(Standing(breaker, first, prints))
        is_borne_out = prints >= rules.prints and seen.at - first >= apart
        if (seen.is_settled or is_borne_out) and _HARDNESS[breaker] > _HARDNESS[confirmed]:
            confirmed = breaker
    return VixWatch(confirmed, tuple(called))


def awaits_print(watch: VixWatch) -> bool:
    """Tell whether a print has called for a breaker that no second one has borne out yet."""
    return any(_HARDNESS[item.breaker] > _HARDNESS[watch.confirmed] for item in watch.called)


def drawdown_breaker(
    kind: AccountKind, drawdown: Decimal, vix: Decimal | None, rulebook: Rulebook
) -> Verdict:
    """`calls-only` where a sleeve's drawdown has reached its rulebook's number.

    Some rulebooks let puts go on while VIX is high; then an unknown VIX counts as calm.
    """
    most, below = rulebook.account(kind).drawdown_max, rulebook.breakers.drawdown_vix_below
    is_deep = drawdown >= most
    comparisons = [compared("drawdown", drawdown, f"trips from {written(most)}", passed=is_deep)]
    is_calm = True
    if below is not None and vix is not None:
        is_calm = vix < below
        comparisons.append(
            compared("VIX", vix, f"trips only below {written(below)}", passed=is_calm)
        )
    breaker = Breaker.CALLS_ONLY if is_deep and is_calm else Breaker.NONE
    return Verdict(breaker.value, "breaker.drawdown", tuple(comparisons))


def breakers_that_may_lower(
    standing: tuple[str, ...], vix_close: Decimal, rulebook: Rulebook
) -> tuple[Verdict, ...]:
    """The standing VIX breakers whose trigger the close lies below; a person lowers them."""
    return tuple(
        Verdict(
            breaker.value,
            "breaker.lower",
            (compared("VIX at the close", vix_close, f"below {written(level)}", passed=True),),
        )
        for breaker, level in vix_triggers(rulebook)
        if breaker.value in standing and vix_close < level
    )
