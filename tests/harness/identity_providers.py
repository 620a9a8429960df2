"""Identity providers on local ports: an independent OpenID provider, and GitHub's OAuth as documented."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from oidc_provider_mock import run_server_in_thread

from tests.harness.answering import Answer, ReceivedRequest, answering

CLIENT = ("shipledger", "a client secret")


@dataclass(frozen=True)
class OpenIdServer:
    """A running OpenID provider, at which a test signs in as anybody."""

    issuer: str

    async def sign_in(self, address: str, subject: str, **claims: Any) -> str:
        """Sign in at the address that the service redirects to; return the address that leads back."""
        async with httpx.AsyncClient(base_url=self.issuer, trust_env=False) as browser:
            (await browser.put(f"/users/{subject}", json=claims)).raise_for_status()
            answer = await browser.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@contextmanager
def openid_server() -> Iterator[OpenIdServer]:
    """Run an OpenID provider."""
    with run_server_in_thread(require_nonce=True) as server:
        yield OpenIdServer(f"http://localhost:{server.server_port}")


@dataclass
class GithubSignIn:
    """GitHub's OAuth endpoints for one person; it checks client, code, redirect URI and PKCE as GitHub does."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"id": 7, "login": "CANARY-login", "name": "CANARY"})
    organizations: list[str] = field(default_factory=list)
    teams: list[tuple[str, str]] = field(default_factory=list)
    emails: list[dict[str, Any]] = field(default_factory=list)
    _asked: dict[str, str] = field(default_factory=dict)

    def sign_in(self, address: str) -> str:
        """Sign in at the address that the service redirects to; return the address that leads back."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/login/oauth/authorize"
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
            "code",
            CLIENT[0],
            "S256",
        )
        self._asked = asked
        return f"{asked['redirect_uri']}?code=the-code&state={asked['state']}"

    def answer(self, request: ReceivedRequest) -> Answer:
        path, _, query = request.target.partition("?")
        if path == "/login/oauth/access_token":
            return self._token({name: values[0] for name, values in parse_qs(request.body.decode()).items()})
        if request.headers["Authorization"] != "Bearer the-token":
            return self._json({"message": "Bad credentials"}, 401)
        page = int(parse_qs(query).get("page", ["1"])[0])
        found = {
            "/api/v3/user": self.person,
            "/api/v3/user/orgs": [{"login": name} for name in self.organizations],
            "/api/v3/user/teams": [{"slug": slug, "organization": {"login": name}} for name, slug in self.teams],
            "/api/v3/user/emails": self.emails,
        }[path]
        return self._json(found[(page - 1) * 100 : page * 100] if isinstance(found, list) else found)

    def _token(self, sent: dict[str, str]) -> Answer:
        challenge = urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        expected = ("the-code", *CLIENT, self._asked["redirect_uri"], self._asked["code_challenge"])
        given = (sent["code"], sent["client_id"], sent["client_secret"], sent["redirect_uri"], challenge)
        if given != expected:
            return self._json({"error": "bad_verification_code"})
        return self._json({"access_token": "the-token", "token_type": "bearer", "scope": self._asked["scope"]})

    def _json(self, body: Any, status: int = 200) -> Answer:
        return status, {"Content-Type": "application/json"}, msgspec.json.encode(body)


@contextmanager
def github_sign_in() -> Iterator[GithubSignIn]:
    """Run GitHub's OAuth endpoints as a GitHub Enterprise Server."""
    fake = GithubSignIn()
    with answering(fake.answer) as url:
        fake.url = url
        yield fake
