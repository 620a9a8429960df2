"""An installation's token is shared, renewed in time, and given up when GitHub refuses it."""

from datetime import timedelta

import pytest

from tests.harness.forges.clock import QuickClock
from workers.forge_access.errors import RefusedError
from workers.forges.github.app import InstallationToken
from workers.forges.github.installation_auth import InstallationAuth

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def auth(clock: QuickClock) -> InstallationAuth:
    made = iter(range(100))
    return InstallationAuth(lambda: InstallationToken(f"token {next(made)}", clock.now() + HOUR), clock)


def test_a_token_is_requested_once(auth: InstallationAuth) -> None:
    assert [auth.token, auth.token] == ["token 0", "token 0"]
    headers: dict[str, str] = {}
    auth.authentication(headers)
    assert headers == {"Authorization": "token token 0"}


def test_it_is_renewed_five_minutes_before_it_ends(auth: InstallationAuth, clock: QuickClock) -> None:
    assert auth.token == "token 0"
    clock.sleep(54 * 60)
    assert auth.token == "token 0"
    clock.sleep(2 * 60)
    assert auth.token == "token 1"


def test_one_that_was_refused_is_given_up_unless_it_is_young(auth: InstallationAuth, clock: QuickClock) -> None:
    assert auth.token == "token 0"
    assert not auth.renew()
    assert auth.token == "token 0"
    clock.sleep(61)
    assert auth.renew()
    assert auth.token == "token 1"


def test_a_refusal_is_raised_and_the_next_call_tries_again(clock: QuickClock) -> None:
    answers = iter([RefusedError(403), InstallationToken("good", clock.now() + HOUR)])

    def ask() -> InstallationToken:
        answer = next(answers)
        if isinstance(answer, RefusedError):
            raise answer
        return answer

    auth = InstallationAuth(ask, clock)
    with pytest.raises(RefusedError):
        _ = auth.token
    assert auth.token == "good"


def test_it_shows_in_no_text(auth: InstallationAuth) -> None:
    assert auth.token not in repr(auth)
    headers = {"Authorization": auth.token}
    auth.mask_authentication(headers)
    assert auth.token not in headers["Authorization"]
    assert auth.token not in repr(InstallationToken(auth.token, QuickClock().now()))
