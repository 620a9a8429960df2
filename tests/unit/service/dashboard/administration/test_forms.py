"""Forms of administration: what they say about a bad field, and which roles they give."""

from datetime import UTC, datetime, timedelta

import pytest

from schema.errors import BadInputError
from service.contracts.access.members import SignInRuleIn
from service.contracts.key import KeyIn
from service.contracts.labels import LabelsIn
from service.dashboard.administration.access_forms import read_key
from service.dashboard.administration.forms import done
from service.dashboard.shell.forms import convert_fields

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
RULE = {"provider": "oidc", "kind": "group", "value": "platform", "role": "admin"}


def test_a_form_becomes_what_the_api_takes() -> None:
    assert convert_fields({"enabled": "true"}, LabelsIn).enabled is True
    assert convert_fields(RULE, SignInRuleIn).value == "platform"


@pytest.mark.parametrize(
    ("changes", "field", "detail"),
    [
        ({"role": "CANARY"}, "role", "is not one of the choices"),
        ({"other": "1"}, "other", "is not a field of this form"),
        ({"value": "CANARY@example.com"}, "value", "Expected `str` matching regex"),
    ],
)
def test_a_bad_field_is_named_and_never_repeated(changes: dict[str, str], field: str, detail: str) -> None:
    with pytest.raises(BadInputError) as caught:
        convert_fields({**RULE, **changes}, SignInRuleIn)
    assert caught.value.field == field
    assert caught.value.detail.startswith(detail)
    assert "CANARY" not in caught.value.detail


def test_a_missing_field_must_be_filled_in() -> None:
    with pytest.raises(BadInputError, match="must be filled in") as caught:
        read_key({"scopes": ["read"]}, NOW)
    assert caught.value.field == "name"


def test_a_key_works_90_days_unless_the_form_says_otherwise() -> None:
    form = {"name": "agents", "scopes": ["intake"]}
    assert read_key(dict(form), NOW) == KeyIn(**form, expires_at=NOW + timedelta(days=90))
    assert read_key({**form, "days": "never"}, NOW).expires_at is None
    with pytest.raises(BadInputError, match="must be one of 30, 90, 365, never"):
        read_key({**form, "days": "7"}, NOW)


def test_the_answer_leads_back_to_the_section() -> None:
    answer = done("key-revoked", "keys")
    assert (answer.status_code, answer.url) == (303, "/administration?done=key-revoked#keys")
