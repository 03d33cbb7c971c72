from __future__ import annotations

import pytest

from allusedesk.market.calendar import ExchangeCalendar, calendar_of
from allusedesk.market.corporate_actions import Split, split_facts
from allusedesk.resource_files import resource_path


@pytest.fixture(scope="session")
def nyse() -> ExchangeCalendar:
    return calendar_of(resource_path("calendars", "xnys.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def known_splits() -> tuple[Split, ...]:
    return split_facts(resource_path("market_facts", "splits.csv").read_text(encoding="utf-8"))
