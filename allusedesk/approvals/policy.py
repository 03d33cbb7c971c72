"""Approval policies for rehearsals: `all`, `none`, or a TOML text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from allusedesk.domain.accounts import AccountKind, kind_of
from allusedesk.domain.inputs import Answer, OperatorDecided
from allusedesk.domain.money import Money
from allusedesk.domain.proposals import Proposal, ProposalKind
from allusedesk.domain.toml_text import exact_number, read_toml, shortened
from allusedesk.risk.payoff import worst_case_asked

Kind = TypeVar("Kind")

_LINE = re.compile(r"at line (\d+)")


class PolicyRefused(ValueError):
    """A text that is no approval policy; names the key and the line."""


class PolicyAnswer(Enum):
    """What a policy says; `wait` leaves the question to its deadline."""

    APPROVE = "approve"
    REJECT = "reject"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """Answers proposals of its kinds, tiers and symbols; empty means any.

    An approval holds only within the figures: beyond one of them it becomes a rejection that
    names it. `worst_case_max` is the largest loss in dollars, `most_earnable_min` a fraction.
    """

    answer: PolicyAnswer
    reason: str = ""
    kinds: tuple[ProposalKind, ...] = ()
    accounts: tuple[AccountKind, ...] = ()
    symbols: tuple[str, ...] = ()
    worst_case_max: Money | None = None
    quantity_max: int | None = None
    most_earnable_min: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order, the first that fits answers; `otherwise` answers what none fits."""

    name: str
    rules: tuple[PolicyRule, ...]
    otherwise: PolicyRule


APPROVE_ALL = Policy("all", (), PolicyRule(PolicyAnswer.APPROVE))
APPROVE_NONE = Policy(
    "none", (), PolicyRule(PolicyAnswer.REJECT, "The policy none approves nothing.")
)


def answer(policy: Policy, proposal: Proposal) -> OperatorDecided | None:
    """The policy's answer under the name `policy:...`; None where it lets the question lapse."""
    rule = next((rule for rule in policy.rules if _fits(rule, proposal)), policy.otherwise)
    operator = f"policy:{policy.name}"
    if rule.answer is PolicyAnswer.WAIT:
        return None
    if rule.answer is PolicyAnswer.REJECT:
        return OperatorDecided(proposal.id, Answer.REJECT, operator, rule.reason)
    beyond = _beyond(rule, proposal)
    if beyond:
        return OperatorDecided(proposal.id, Answer.REJECT, operator, beyond)
    return OperatorDecided(proposal.id, Answer.APPROVE, operator, rule.reason)


def _fits(rule: PolicyRule, proposal: Proposal) -> bool:
    symbols = {leg.instrument.underlying for leg in proposal.legs}
    return (
        (not rule.kinds or proposal.kind in rule.kinds)
        and (not rule.accounts or kind_of(proposal.account) in rule.accounts)
        and (not rule.symbols or (bool(symbols) and symbols <= set(rule.symbols)))
    )


def _beyond(rule: PolicyRule, proposal: Proposal) -> str:
    """The first figure of the rule that the proposal exceeds, as a sentence; empty for none."""
    if rule.worst_case_max is not None:
        worst = worst_case_asked(proposal)
        if worst is None or -worst > rule.worst_case_max:
            shown = "without limit" if worst is None else str(worst)
            return f"Its worst case, {shown}, exceeds the policy's {rule.worst_case_max}."
    if rule.quantity_max is not None and proposal.quantity > rule.quantity_max:
        return f"Its quantity of {proposal.quantity} exceeds the policy's {rule.quantity_max}."
    least, earnable = rule.most_earnable_min, proposal.most_earnable
    if least is not None and (earnable is None or earnable < least):
        return f"The most it can earn, {earnable}, is below the policy's {least}."
    return ""


def parse_policy(text: str, name: str = "file") -> Policy:
    """A policy from TOML: `default` and `reason`, then `[[rule]]` tables in order.

    A rule has `answer` (approve, reject, wait) and may have `kinds`, `accounts`, `symbols`,
    `worst_case_max`, `quantity_max`, `most_earnable_min` and `reason`. Raises PolicyRefused,
    naming key and line, for anything else.
    """
    try:
        table = read_toml(text, exact_number)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = found.group(1) if found else str(text.count("\n") + 1)
        message = f"The approval policy is no TOML in line {line}: {error}."
        raise PolicyRefused(message) from error
    top = _Table(text, table, None)
    top.refuse_unknown({"default", "reason", "rule"})
    otherwise = PolicyRule(top.answer("default"), top.text("reason"))
    rules = table.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise top.refusal("rule", "must be written as [[rule]] tables")
    parsed = tuple(_rule(_Table(text, rule, number)) for number, rule in enumerate(rules))
    return Policy(name, parsed, otherwise)


def _rule(table: _Table) -> PolicyRule:
    table.refuse_unknown(
        {
            "answer",
            "reason",
            "kinds",
            "accounts",
            "symbols",
            "worst_case_max",
            "quantity_max",
            "most_earnable_min",
        }
    )
    kinds = {kind.value: kind for kind in ProposalKind}
    accounts = {kind.value: kind for kind in AccountKind}
    worst = table.number("worst_case_max")
    quantity = table.number("quantity_max")
    if quantity is not None and quantity != int(quantity):
        raise table.refusal("quantity_max", "must be a whole number")
    return PolicyRule(
        answer=table.answer("answer"),
        reason=table.text("reason"),
        kinds=tuple(table.choice("kinds", item, kinds) for item in table.texts("kinds")),
        accounts=tuple(
            table.choice("accounts", item, accounts) for item in table.texts("accounts")
        ),
        symbols=table.texts("symbols"),
        worst_case_max=None if worst is None else Money(worst),
        quantity_max=None if quantity is None else int(quantity),
        most_earnable_min=table.number("most_earnable_min"),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the text, which knows the lines of its keys for its complaints."""

    whole: str
    values: Mapping[str, Any]
    number_of_rule: int | None

    def refusal(self, key: str, reason: str) -> PolicyRefused:
        where = "" if self.number_of_rule is None else f" of rule {self.number_of_rule + 1}"
        return PolicyRefused(
            f"The approval policy's key {shortened(key)}{where} in line {self._line_of(key)} "
            f"{shortened(reason)}."
        )

    def _line_of(self, key: str) -> int:
        """The line of the key, else of its table's header, else the first."""
        rule, header = -1, 1
        wanted = -1 if self.number_of_rule is None else self.number_of_rule
        for number, line in enumerate(self.whole.splitlines(), start=1):
            if re.match(r"\s*\[\[\s*rule\s*\]\]", line):
                rule += 1
                header = number if rule == wanted else header
            elif rule == wanted and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return header

    def refuse_unknown(self, known: set[str]) -> None:
        for key in self.values:
            if key not in known:
                raise self.refusal(key, f"is unknown; known are {', '.join(sorted(known))}")

    def answer(self, key: str) -> PolicyAnswer:
        answers = {item.value: item for item in PolicyAnswer}
        if key not in self.values:
            raise self.refusal(key, f"is missing; write one of {', '.join(answers)}")
        return self.choice(key, self.values[key], answers)

    def choice(self, key: str, value: object, known: Mapping[str, Kind]) -> Kind:
        if not isinstance(value, str) or value not in known:
            raise self.refusal(key, f"is {value!r}, which is none of {', '.join(known)}")
        return known[value]

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.refusal(key, "must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refusal(key, 'must be a list of texts, such as ["AAPL"]')
        return tuple(value)

    def number(self, key: str) -> Decimal | None:
        value = self.values.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not is_number or not Decimal(value).is_finite() or value < 0:
            raise self.refusal(key, "must be a number, zero or more")
        return Decimal(value)
