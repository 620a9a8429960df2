import base64
from datetime import UTC, datetime, timedelta

import pytest

from service.errors import UnauthorizedError
from service.webhooks.signatures import verify_github, verify_gitlab
from tests.harness.webhooks import github_signature, signing_token_headers

BODY = b'{"a": "\xc3\xa9"}'
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOLERANCE = timedelta(minutes=5)
KEY = bytes(range(32))
WHSEC = "whsec_" + base64.b64encode(KEY).decode()


def gitlab(headers: dict[str, str], secret: str = WHSEC, body: bytes = BODY) -> None:
    verify_gitlab(headers, body, secret, now=NOW, tolerance=TOLERANCE)


def test_a_signature_over_the_raw_body_is_accepted() -> None:
    verify_github({"x-hub-signature-256": github_signature("secret", BODY)}, BODY, "secret")


def test_githubs_published_example_is_accepted() -> None:
    # From "Validating webhook deliveries" in GitHub's documentation.
    reported = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    verify_github({"x-hub-signature-256": reported}, b"Hello, World!", "It's a Secret to Everybody")


@pytest.mark.parametrize(
    "reported",
    ["", "sha256=", "sha1=757107ea", "sha256=é", github_signature("other", BODY), github_signature("secret", b"{}")],
)
def test_a_signature_that_does_not_fit_is_refused(reported: str) -> None:
    with pytest.raises(UnauthorizedError):
        verify_github({"x-hub-signature-256": reported}, BODY, "secret")


def test_a_missing_signature_is_refused() -> None:
    with pytest.raises(UnauthorizedError):
        verify_github({}, BODY, "secret")


def test_an_empty_secret_verifies_nothing() -> None:
    with pytest.raises(UnauthorizedError):
        verify_github({"x-hub-signature-256": github_signature("", BODY)}, BODY, "")
    with pytest.raises(UnauthorizedError):
        gitlab({"x-gitlab-token": ""}, secret="")
    with pytest.raises(UnauthorizedError):
        gitlab(signing_token_headers(b"", BODY, "id", NOW.timestamp()), secret="")


def test_gitlabs_secret_token_is_compared_as_it_is() -> None:
    gitlab({"x-gitlab-token": "plain secret"}, secret="plain secret")
    with pytest.raises(UnauthorizedError):
        gitlab({"x-gitlab-token": "plain secret "}, secret="plain secret")
    with pytest.raises(UnauthorizedError):
        gitlab({})


def test_a_signing_token_signs_with_what_it_encodes() -> None:
    gitlab(signing_token_headers(KEY, BODY, "msg-1", NOW.timestamp()))


def test_a_secret_of_another_form_signs_with_its_own_text() -> None:
    gitlab(signing_token_headers(b"plain secret", BODY, "msg-1", NOW.timestamp()), secret="plain secret")
    gitlab(signing_token_headers(b"whsec_no base64!", BODY, "msg-1", NOW.timestamp()), secret="whsec_no base64!")


def test_one_fitting_signature_among_several_is_enough() -> None:
    headers = signing_token_headers(KEY, BODY, "msg-1", NOW.timestamp())
    old = signing_token_headers(b"another key", BODY, "msg-1", NOW.timestamp())["webhook-signature"]
    gitlab({**headers, "webhook-signature": f"v1a,AAAA {old} {headers['webhook-signature']}"})
    with pytest.raises(UnauthorizedError):
        gitlab({**headers, "webhook-signature": f"v2,AAAA {old}"})


@pytest.mark.parametrize("off", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_a_timestamp_beyond_the_tolerance_is_refused(off: timedelta) -> None:
    with pytest.raises(UnauthorizedError):
        gitlab(signing_token_headers(KEY, BODY, "msg-1", (NOW + off).timestamp()))
    gitlab(signing_token_headers(KEY, BODY, "msg-1", (NOW + off * 0.9).timestamp()))


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_id_and_timestamp_are_part_of_what_is_signed(changed: str) -> None:
    headers = signing_token_headers(KEY, BODY, "msg-1", NOW.timestamp())
    for other in ("", "x", str(int(NOW.timestamp()) + 1), "9" * 30):
        with pytest.raises(UnauthorizedError):
            gitlab({**headers, changed: other})
    with pytest.raises(UnauthorizedError):
        gitlab({name: value for name, value in headers.items() if name != changed})


def test_a_wrong_signature_is_refused_even_with_the_right_secret_token() -> None:
    headers = signing_token_headers(b"another key", BODY, "msg-1", NOW.timestamp())
    with pytest.raises(UnauthorizedError):
        gitlab({**headers, "x-gitlab-token": WHSEC})
