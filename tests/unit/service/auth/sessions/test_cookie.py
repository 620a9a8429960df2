"""The cookie of a session: bound to the host where the service is reached over TLS."""

import pytest

from schema.settings import Settings
from service.auth.sessions.cookie import ended_cookie, session_cookie
from service.auth.tokens import are_of_one_session, csrf_token, make_token, token_organization


@pytest.mark.parametrize(
    ("public_url", "name", "is_secure"),
    [
        (None, "shipledger_session", False),
        ("http://localhost:8787", "shipledger_session", False),
        ("https://tokens.example.com", "__Host-shipledger_session", True),
    ],
)
def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(
    public_url: str | None, name: str, is_secure: bool
) -> None:
    settings = Settings(public_url=public_url, _env_file=None)
    for cookie in (session_cookie(settings, "token"), ended_cookie(settings)):
        assert (cookie.key, cookie.secure, cookie.domain, cookie.path) == (name, is_secure, None, "/")
        assert cookie.httponly
        assert cookie.samesite == "lax"
    assert ended_cookie(settings).max_age == 0


def test_a_token_names_its_organization_and_the_token_of_its_forms_does_not_give_it_away() -> None:
    token = make_token(7)
    assert token_organization(token) == 7
    first, second = csrf_token(token), csrf_token(token)
    assert first != second
    assert are_of_one_session(first, second)
    for other in (csrf_token(make_token(7)), "", "nonsense", first[:-4], "é"):
        assert not are_of_one_session(first, other)
    assert token_organization("nonsense") is None
