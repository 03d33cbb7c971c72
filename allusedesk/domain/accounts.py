"""Accounts, and the tree of families that forks make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NewType

FamilyId = NewType("FamilyId", str)
AccountId = NewType("AccountId", str)


class AccountKind(Enum):
    """The three tiers of the protocol; Gen, Rev and Com on screen and in reports."""

    GENERATION = "gen"
    REVENUE = "rev"
    COMPOUNDING = "com"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Family:
    """A set of sleeves funded together; `parent` is the family it was forked from."""

    id: FamilyId
    parent: FamilyId | None
    opened_on: date


@dataclass(frozen=True, slots=True)
class Account:
    """One sleeve: a tier of one family."""

    id: AccountId
    family: FamilyId
    kind: AccountKind
    opened_on: date


def account_id(family: FamilyId, kind: AccountKind) -> AccountId:
    """The identifier of a family's sleeve, such as `F1.gen`."""
    return AccountId(f"{family}.{kind.value}")


def family_of(account: AccountId) -> FamilyId:
    """The family an account identifier belongs to."""
    return FamilyId(account.partition(".")[0])


def kind_of(account: AccountId) -> AccountKind:
    """The tier an account identifier names."""
    return AccountKind(account.partition(".")[2])
