"""What a type hint of the domain says of the values an entry may hold."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import NewType, Union, get_args, get_origin

from allusedesk.domain.instruments import OptionContract, Stock


def plain_of(hint: object) -> object:
    """The type behind the names that the domain gives to texts and numbers."""
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint


def is_union(hint: object) -> bool:
    """Tell whether values may be of one type or another, or of one type or none."""
    return isinstance(hint, UnionType) or get_origin(hint) is Union


def members_of(hint: object) -> tuple[tuple[object, ...], bool]:
    """The types of a union, and whether there may be none; an instrument counts as one type."""
    members = get_args(hint)
    present = tuple(member for member in members if member is not NoneType)
    if set(present) == {Stock, OptionContract}:
        present = (Stock | OptionContract,)
    return present, len(present) != len(members)


def item_of(hint: object) -> object:
    """The type of each item of a tuple of any length; raises TypeError for any other tuple."""
    item, *rest = get_args(hint)
    if rest != [...]:
        message = f"{hint} is no tuple of one type"
        raise TypeError(message)
    return item
