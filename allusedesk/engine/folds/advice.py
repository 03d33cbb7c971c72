"""How a forecast changes what the engine can show; nothing that decides reads it."""

from __future__ import annotations

from allusedesk.domain.changing import replace
from allusedesk.domain.forecasts import ForecastMade
from allusedesk.engine.folds.shape import Folds
from allusedesk.engine.state import DeskState


def _forecast_made(state: DeskState, event: ForecastMade) -> DeskState:
    return replace(state, forecast=event)


FOLDS: Folds = {ForecastMade: _forecast_made}
