"""The course of the weeks: looks, levels, outcomes, sleeves and their balances."""

from __future__ import annotations

from datetime import datetime

from allusedesk.domain import events as told
from allusedesk.domain import inputs as heard
from allusedesk.monitoring.tallies import Level, Shelf, Tally

_SLEEVE, _SYMBOL = ("sleeve",), ("symbol",)
_BALANCES = ("equity", "cash", "positions", "collateral", "unrealised", "high")


class LookMetrics:
    """What the desk looked at, and when it was woken to look."""

    def __init__(self, shelf: Shelf) -> None:
        self._alarms = Tally("alarms_rung", "Clock alarms that rang", ("alarm",))
        self._price_alarms = Tally("price_alarms_rung", "Prices that crossed a level", _SYMBOL)
        self._quotes = Tally("quotes_sampled", "Quotes that looks recorded", ("source",))
        self._defects = Tally("sample_defects", "What looks asked for and did not find")
        self._age = Level("look_quote_age_seconds", "Age of a share's quote at a look", _SYMBOL)
        self._prices = Level("underlying_dollars", "Price of a share at the last look", _SYMBOL)
        self._conditions = Tally("conditions", "Market conditions decided", ("condition",))
        self._vix = Level("vix_points", "VIX, as the condition read it", ("figure",))
        self._deploy = Level("deploy_ratio", "Share of a sleeve that may be deployed")
        shelf.put(self._alarms, self._price_alarms, self._quotes, self._defects, self._age)
        shelf.put(self._prices, self._conditions, self._vix, self._deploy)

    def rang(self, event: heard.AlarmRang, _at: datetime) -> None:
        self._alarms.add(event.alarm.kind.value)

    def crossed(self, event: heard.PriceAlarmRang, _at: datetime) -> None:
        self._price_alarms.add(event.alarm.symbol)

    def sampled(self, event: heard.MarketSampled, at: datetime) -> None:
        seen = event.snapshot
        held = sum(quote.is_modelled for quote in seen.held)
        chained = sum(len(chain.quotes) for chain in seen.chains)
        modelled = sum(len(chain.quotes) for chain in seen.chains if chain.is_modelled)
        if held + modelled:
            self._quotes.add("modelled", amount=held + modelled)
        recorded = len(seen.held) - held + chained - modelled
        if recorded:
            self._quotes.add("recorded", amount=recorded)
        if seen.defects:
            self._defects.add(amount=len(seen.defects))
        for one in seen.underlyings:
            symbol, quote = one.quote.instrument.underlying, one.quote
            self._age.set(symbol, value=quote.age_seconds(at))
            if quote.mark is not None:
                self._prices.set(symbol, value=float(quote.mark.per_unit))

    def classified(self, event: told.ConditionClassified, _at: datetime) -> None:
        self._conditions.add(event.condition)
        self._vix.set("now", value=float(event.vix))
        self._vix.set("one-year average", value=float(event.vix_average))
        self._deploy.set(value=float(event.deploy))


class SleeveMetrics:
    """Sleeves, their balances, and how their weeks ended."""

    def __init__(self, shelf: Shelf) -> None:
        self._states = Tally("sleeve_steps", "Steps of sleeves by where they led", ("state",))
        self._freezes = Tally("freezes", "Sleeves or symbols stopped from entering", _SLEEVE)
        self._thaws = Tally("thaws", "Reasons not to enter that were lifted", _SLEEVE)
        self._levels = Tally("level_changes", "Lots that moved to a level", ("level",))
        self._outcomes = Tally("outcomes", "Outcomes of positions", ("outcome", "tag"))
        self._labels = Tally("week_labels", "Weeks of families by label", ("label",))
        self._reports = Tally("weeks_reported", "Weekly reports cut", ("standing",))
        self._notices = Tally("notices", "What the desk wanted read", ("severity",))
        self._breakers = Tally("breakers_tripped", "Breakers that tripped", ("breaker",))
        self._cash = Tally(
            "cash_booked_dollars", "Cash booked by a person or the protocol", _SLEEVE
        )
        self._reinvested = Tally("reinvested_dollars", "Gains set aside or put to work", ("part",))
        self._balances = {
            name: Level(f"sleeve_{name}_dollars", f"The sleeve's {name} at the last close", _SLEEVE)
            for name in _BALANCES
        }
        self._drawdown = Level("sleeve_drawdown_ratio", "Fall from the sleeve's high", _SLEEVE)
        self._base = Level("sleeve_base_dollars", "What surplus is measured from", _SLEEVE)
        shelf.put(self._states, self._freezes, self._thaws, self._levels, self._outcomes)
        shelf.put(self._labels, self._reports, self._notices, self._breakers, self._cash)
        shelf.put(self._reinvested, *self._balances.values(), self._drawdown, self._base)

    def stepped(self, event: told.SleeveStateChanged, _at: datetime) -> None:
        self._states.add(event.state.value)

    def frozen(self, event: told.SleeveFrozen, _at: datetime) -> None:
        self._freezes.add(event.account)

    def thawed(self, event: told.SleeveThawed, _at: datetime) -> None:
        self._thaws.add(event.account)

    def level_changed(self, event: told.LevelChanged, _at: datetime) -> None:
        self._levels.add(event.level)

    def classified(self, event: told.OutcomeClassified, _at: datetime) -> None:
        self._outcomes.add(event.outcome, event.tag)

    def labelled(self, event: told.WeekLabelled, _at: datetime) -> None:
        self._labels.add(event.label)

    def reported(self, event: told.WeekClosed, _at: datetime) -> None:
        self._reports.add("final" if event.is_final else "provisional")

    def noticed(self, event: told.NoticeRaised, _at: datetime) -> None:
        self._notices.add(event.severity)

    def tripped(self, event: told.BreakerTripped, _at: datetime) -> None:
        self._breakers.add(event.breaker)

    def booked(self, event: told.CashBooked, _at: datetime) -> None:
        for move in event.booking.cash:
            self._cash.add(move.account, amount=abs(float(move.amount.amount)))

    def reinvested(self, event: told.GainReinvested, _at: datetime) -> None:
        for part in ("tax", "contracts", "leaps"):
            self._reinvested.add(part, amount=float(getattr(event, part).amount))

    def opened(self, event: told.FamilyOpened, _at: datetime) -> None:
        for account, base in zip(event.accounts, event.bases, strict=True):
            self._base.set(account.id, value=float(base.amount))

    def based(self, event: told.SurplusFloorSet, _at: datetime) -> None:
        self._base.set(event.account, value=float(event.base.amount))

    def marked(self, event: told.BalancesMarked, _at: datetime) -> None:
        for name, level in self._balances.items():
            level.set_all({(one.account,): float(getattr(one, name).amount) for one in event.marks})
        self._drawdown.set_all({(one.account,): float(one.drawdown) for one in event.marks})
