"""What may be registered at GitLab."""

from typing import Any

import pytest

from schema.errors import BadInputError
from service.contracts.registration import NewRegistration
from service.gitlab_hooks.registration_request import RegistrationRequest, read_registration_request

PUBLIC = "https://ledger.example.com"


def requested(public_url: str = PUBLIC, **reported: Any) -> RegistrationRequest:
    return read_registration_request(
        NewRegistration(**{"scope": "group", "path": "octo", "token": "a token", **reported}), public_url
    )


def test_paths_are_the_same_however_they_are_written() -> None:
    assert requested(path="/Octo/Tools/").path == "octo/tools"
    assert (
        requested(path="Octo").target
        == requested(path="octo").target
        != requested(scope="project", path="octo/shop").target
    )
    assert requested().target != requested(base_url="https://git.example.com").target


@pytest.mark.parametrize(
    ("url", "base_url", "warnings"),
    [
        (PUBLIC, None, 0),
        ("http://ledger.example.com", None, 1),
        # A private network may be shared with a GitLab of one's own, never with gitlab.com.
        ("https://10.1.2.3", "https://git.example.com", 0),
        ("http://localhost:8787", "http://localhost:8080", 1),
        ("http://127.0.0.1:8787", "http://[::1]:8080", 1),
    ],
)
def test_an_address_that_may_be_reached_is_taken(url: str, base_url: str | None, warnings: int) -> None:
    assert len(requested(url, base_url=base_url).warnings) == warnings


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("http://127.0.0.1:8787", None),
        ("http://localhost:8787", "https://git.example.com"),
        ("https://10.1.2.3", None),
        ("http://ledger", None),
    ],
)
def test_one_that_cannot_be_reached_is_refused_with_the_remedy(url: str, base_url: str | None) -> None:
    with pytest.raises(BadInputError, match="SHIPLEDGER_PUBLIC_URL") as raised:
        requested(url, base_url=base_url)
    assert raised.value.field == "public_url"


def test_a_system_hook_warns_that_it_sends_fewer_events() -> None:
    reported = requested(scope="system", path=None, base_url="https://git.example.com")
    assert [each.startswith("A system hook sends no comments") for each in reported.warnings] == [True]
