"""A provider is set up by all of its settings together."""

from typing import Any

import pytest

from schema.errors import SetUpError
from schema.settings import Settings
from service.auth.providers.configured import configured_providers

OIDC = {"oidc_issuer": "https://id.example.com", "oidc_client_id": "x", "oidc_client_secret": "y"}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_each_provider_with_settings_is_offered() -> None:
    assert configured_providers(settings()) == {}
    forges = {
        "github_client_id": "x",
        "github_client_secret": "y",
        "gitlab_client_id": "x",
        "gitlab_client_secret": "y",
    }
    found = configured_providers(settings(**OIDC, **forges))
    assert {name: provider.title for name, provider in found.items()} == {
        "oidc": "single sign-on",
        "github": "GitHub",
        "gitlab": "GitLab",
    }


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({**OIDC, "oidc_client_secret": ""}, "SHIPLEDGER_OIDC_CLIENT_SECRET"),
        ({"github_client_secret": "y"}, "SHIPLEDGER_GITHUB_CLIENT_ID"),
        ({**OIDC, "oidc_issuer": "http://id.example.com"}, "SHIPLEDGER_OIDC_ISSUER"),
    ],
)
def test_incomplete_or_unencrypted_settings_are_refused_by_name(values: dict[str, str], named: str) -> None:
    with pytest.raises(SetUpError, match=named):
        configured_providers(settings(**values))
