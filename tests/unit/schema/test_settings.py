"""A mistake in a setting is one line that names the variable and what to do."""

import pytest

from schema.errors import SetUpError
from schema.settings import load_settings


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DATABASE_URL", "mysql://u:CANARY@localhost/x", "begin with postgresql://"),
        ("REDIS_URL", "http://:CANARY@localhost", "begin with redis://"),
        ("SHIPLEDGER_PUBLIC_URL", "ledger.example.com", "begins with https://"),
        ("SHIPLEDGER_PUBLIC_URL", "https://me:CANARY@ledger.example.com", "without a user"),
        ("SHIPLEDGER_OIDC_ISSUER", "https://login.example.com?x=1", "without a query"),
        ("SHIPLEDGER_GITHUB_URL", "ftp://github.example.com", "begins with https://"),
        ("SHIPLEDGER_GITLAB_URL", "https://gitlab.example.com#x", "without a fragment"),
        ("SHIPLEDGER_ANTHROPIC_URL", "https://", "with a host"),
        ("SHIPLEDGER_OPENAI_URL", "https://a b", "without spaces"),
        ("SHIPLEDGER_PRICE_LIST_URL", "/prices.json", "begins with https://"),
    ],
)
def test_a_url_that_is_not_one_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SetUpError, match=reason) as refused:
        load_settings()
    assert refused.value.detail.startswith(f"{variable} must ")
    assert "\n" not in refused.value.detail
    assert "CANARY" not in refused.value.detail


def test_urls_are_taken_without_the_space_around_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", " postgresql://u@[::1]/x ")
    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379/ ")
    monkeypatch.setenv("SHIPLEDGER_PUBLIC_URL", " https://[2001:db8::7]:8787/ ")
    monkeypatch.setenv("SHIPLEDGER_OIDC_ISSUER", "https://login.example.com/tenant/")
    monkeypatch.setenv("SHIPLEDGER_PRICE_LIST_URL", "https://prices.example.com/data.json?ref=main")
    monkeypatch.setenv("SHIPLEDGER_HOST", "[::1]")
    settings = load_settings()
    assert settings.database_url == "postgresql://u@[::1]/x"
    assert settings.redis_url == "redis://localhost:6379"
    assert settings.public_url == "https://[2001:db8::7]:8787/"
    assert settings.oidc_issuer == "https://login.example.com/tenant/"
    assert settings.host == "::1"


def test_what_is_left_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("REDIS_URL", "SHIPLEDGER_PUBLIC_URL", "SHIPLEDGER_OIDC_ISSUER", "SHIPLEDGER_PRICE_LIST_URL"):
        monkeypatch.setenv(variable, "")
    settings = load_settings()
    assert not settings.public_url
    assert (settings.redis_url, settings.oidc_issuer, settings.price_list_url) == ("", "", "")
