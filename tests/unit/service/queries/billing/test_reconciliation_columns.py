"""The columns that reconciliations are added up by."""

from schema.tables.reconciled import Reconciliation
from service.queries.billing.reconciliation import COLUMNS


def test_every_column_but_the_key_is_added_up() -> None:
    assert {*COLUMNS, "organization_id", "day", "provider", "model"} == set(Reconciliation.model_fields)
