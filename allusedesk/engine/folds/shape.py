"""The shape of a fold: a state and a fact make the next state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allusedesk.engine.state import DeskState

Folds = dict[type, Callable[[DeskState, Any], DeskState]]
