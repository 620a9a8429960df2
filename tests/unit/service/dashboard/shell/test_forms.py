"""What is filled in is read into the contracts of the API, or refused with the name of the field."""

from datetime import date
from decimal import Decimal

import pytest

from schema.errors import BadInputError
from service.contracts.alerts.mutes import NewAlertMute
from service.contracts.spend.watched import AlertChange
from service.dashboard.alerts.acting import BudgetOnPage
from service.dashboard.set_up.forms import TeamSize
from service.dashboard.shell.forms import convert_fields


def test_texts_become_days_amounts_and_numbers() -> None:
    fields = {"state": "snoozed", "snoozed_to": "2026-12-31"}
    assert convert_fields(fields, AlertChange) == AlertChange(state="snoozed", snoozed_to=date(2026, 12, 31))
    assert convert_fields({"period": "month", "usd": "2000.50"}, BudgetOnPage).usd == Decimal("2000.50")
    assert convert_fields({"period": "month"}, BudgetOnPage).usd is None
    assert convert_fields({"name": "web", "size": "12"}, TeamSize).size == 12


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"muted_to": "tomorrow"}, "muted_to"),
        ({"rule": "rises"}, "rule"),
        ({"who": "x"}, "who"),
    ],
)
def test_what_is_not_understood_names_the_field(fields: dict[str, str], field: str) -> None:
    with pytest.raises(BadInputError) as refused:
        convert_fields(fields, NewAlertMute)
    assert refused.value.field == field
    assert "$" not in refused.value.detail
