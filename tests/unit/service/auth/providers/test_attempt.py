"""A sign-in under way: only this service can read or make it, and only for ten minutes."""

import pytest

from schema.key_ring import KeyRing
from service.auth.providers.attempt import new_attempt, open_attempt, safe_path, seal_attempt

SECRET = "a secret of the tests, long enough to be one"
OTHER = "another secret of the tests, long enough"
RING = KeyRing.of(SECRET)


def test_an_attempt_is_read_by_who_made_it_only() -> None:
    attempt = new_attempt("oidc", "/spend", 7)
    sealed = seal_attempt(RING, attempt)
    assert open_attempt(RING, sealed) == attempt
    assert attempt.verifier not in sealed
    for forged in ("", "nonsense", sealed[:-2] + "xx"):
        assert open_attempt(RING, forged) is None
    assert open_attempt(KeyRing.of(OTHER), sealed) is None


def test_an_attempt_outlives_a_change_of_the_secret_key() -> None:
    attempt = new_attempt("oidc", "/spend", 7)
    sealed = seal_attempt(RING, attempt)
    assert open_attempt(KeyRing.of(OTHER, SECRET), sealed) == attempt


def test_only_the_answer_with_its_state_from_its_provider_belongs_to_an_attempt() -> None:
    attempt = new_attempt("oidc", "/")
    assert attempt.is_answered_by("oidc", attempt.state)
    assert not attempt.is_answered_by("github", attempt.state)
    assert not attempt.is_answered_by("oidc", "")
    assert new_attempt("oidc", "/").state != attempt.state


@pytest.mark.parametrize("text", [None, "", "spend", "//evil.example", "/\\evil.example", "https://x", "/a\r\nb"])
def test_only_a_path_of_our_own_is_followed(text: str | None) -> None:
    assert safe_path(text) == "/"
    assert safe_path("/spend?period=4w") == "/spend?period=4w"
