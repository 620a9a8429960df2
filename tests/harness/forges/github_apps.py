"""Apps at a fake GitHub: registered by manifest and code, authenticated by JWT, installed, suspended, uninstalled.

Like GitHub, it refuses codes used twice or after an hour, JWTs that the App's key did not sign, tokens of
suspended installations, and manifests with events that need a permission.
"""

import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from litestar import MediaType, Request, Response, get, post
from litestar.response import Redirect

from tests.harness.bodies import NOBODY
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_hooks import Hook
from tests.harness.forges.github_state import Repository, written
from tests.harness.forges.github_whole import account, describe_app
from tests.harness.webhooks import github_signature

HOUR = timedelta(hours=1)
LONGEST_JWT_SECONDS = 600 + 60

# Repository permissions of an App, and the events to which each allows it to subscribe.
EVENTS_BY_PERMISSION = {
    "metadata": {"repository", "installation_target", "meta"},
    "contents": {"create", "delete", "push", "release", "fork", "gollum"},
    "pull_requests": {"pull_request", "pull_request_review", "pull_request_review_comment"},
    "deployments": {"deployment", "deployment_status"},
    "merge_queues": {"merge_group"},
    "members": {"member", "membership", "organization", "team"},
    "checks": {"check_run", "check_suite"},
}


class InvalidManifestError(Exception):
    """The manifest is invalid; GitHub shows this instead of the form."""


@cache
def private_key(number: int) -> RSAPrivateKey:
    """Return an App's key, created once for all tests."""
    assert number > 0
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Installation:
    """An installation of an App: its repositories, and its tokens with their expiry."""

    number: int
    repositories: list[str]
    is_suspended: bool = False
    is_gone: bool = False
    refuses_tokens: bool = False
    tokens: dict[str, datetime] = field(default_factory=dict)
    reported_at: datetime | None = None


@dataclass
class App:
    """An App; without a hook address it sends no webhooks. Each number has its own key."""

    number: int
    slug: str
    manifest: dict[str, Any]
    webhook_secret: str | None
    installations: dict[int, Installation] = field(default_factory=dict)
    key_number: int = 1
    hook: Hook | None = None

    @property
    def key(self) -> RSAPrivateKey:
        return private_key(self.key_number)

    def pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@dataclass
class Apps:
    """All Apps of a GitHub at `url`, which is set once it listens."""

    clock: QuickClock
    url: str = ""
    registered: dict[int, App] = field(default_factory=dict)
    codes: dict[str, tuple[App, datetime]] = field(default_factory=dict)
    confirming: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    refuses_keys: bool = False

    def confirm(self, manifest: dict[str, Any], state: str) -> str:
        """Press the button on GitHub's page: create the App, and return the URL of the redirect."""
        check_manifest(manifest)
        number = len(self.registered) + 41
        secret = secrets.token_hex(20) if "hook_attributes" in manifest else None
        app = self.registered[number] = App(number, f"app-{number}", manifest, secret, key_number=number)
        code = secrets.token_hex(20)
        self.codes[code] = (app, self.clock.now() + HOUR)
        return f"{manifest['redirect_url']}?{urlencode({'code': code, 'state': state})}"

    def install(self, app: App, repositories: list[Repository]) -> Installation:
        """Install an App on repositories."""
        installation = Installation(100 * app.number + len(app.installations), [each.path for each in repositories])
        app.installations[installation.number] = installation
        return installation

    def payload(self, app: App, installation: Installation, action: str, **more: Any) -> dict[str, Any]:
        """Return the payload of a webhook about the present state of an installation."""
        installation.reported_at = self.clock.now()
        return {
            "action": action,
            "installation": {
                "id": installation.number,
                "account": {**NOBODY, "login": "CANARY-account"},
                "app_id": app.number,
                "target_type": "Organization",
                "updated_at": written(installation.reported_at),
                "suspended_at": written(installation.reported_at) if installation.is_suspended else None,
            },
            "sender": NOBODY,
            **more,
        }

    def shown(self, app: App) -> dict[str, Any]:
        """Return an App as GitHub shows it."""
        granted, events = app.manifest["default_permissions"], app.manifest["default_events"]
        return describe_app(app.number, app.slug, f"{self.url}/github-apps/{app.slug}", granted, events)

    def _shown_installation(self, installation: Installation) -> dict[str, Any]:
        app = next(each for each in self.registered.values() if installation in each.installations.values())
        api, moment = f"{self.url}/api/v3", written(self.clock.now())
        return {
            "id": installation.number,
            "app_id": app.number,
            "app_slug": app.slug,
            "account": account("CANARY-account", 8, "Organization"),
            "target_id": 8,
            "target_type": "Organization",
            "permissions": app.manifest["default_permissions"],
            "events": app.manifest["default_events"],
            "repository_selection": "selected",
            "single_file_name": None,
            "access_tokens_url": f"{api}/app/installations/{installation.number}/access_tokens",
            "repositories_url": f"{api}/installation/repositories",
            "html_url": f"{self.url}/organizations/CANARY-account/settings/installations/{installation.number}",
            "created_at": moment,
            "updated_at": moment,
            "suspended_at": moment if installation.is_suspended else None,
            "suspended_by": account() if installation.is_suspended else None,
        }

    def hook_to(self, app: App, url: str) -> Hook:
        """Send an App's webhooks to a URL, and keep the attempts."""
        headers = self._headers(app)
        app.hook = Hook(app.number, url, app.webhook_secret or "", self.clock, owner="app", headers=headers)
        return app.hook

    def _headers(self, app: App) -> dict[str, str]:
        return {
            "X-GitHub-Hook-Installation-Target-ID": str(app.number),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-GitHub-Enterprise-Host": urlsplit(self.url).hostname or "",
        }

    def signed(
        self, app: App, event: str, payload: dict[str, Any], secret: str | None = None
    ) -> tuple[dict[str, str], bytes]:
        """Return the headers and body of a delivery."""
        body = json.dumps(payload).encode()
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Hook-ID": str(app.number),
            **self._headers(app),
            "X-Hub-Signature-256": github_signature(secret or app.webhook_secret or "", body),
        }
        return headers, body

    def installation_of(self, authorization: str) -> Installation | None:
        """Return the installation of a request's token, None if it is invalid or expired."""
        text = authorization.partition(" ")[2]
        for app in self.registered.values():
            for each in app.installations.values():
                if each.tokens.get(text, self.clock.now()) > self.clock.now() and not each.is_suspended:
                    return each
        return None

    def app_of(self, authorization: str) -> App | None:
        """Return the App that signed a JWT."""
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer" or self.refuses_keys:
            return None
        for app in self.registered.values():
            try:
                claims = jwt.decode(
                    token,
                    app.key.public_key(),
                    algorithms=["RS256"],
                    issuer=str(app.number),
                    options={"require": ["exp", "iat", "iss"]},
                )
            except jwt.InvalidTokenError:
                continue
            if claims["exp"] - claims["iat"] <= LONGEST_JWT_SECONDS:
                return app
        return None

    def handlers(self) -> list[Any]:
        """Return GitHub's pages and endpoints for Apps."""
        return [*self._pages(), self._conversions(), self._own(), *self._installations()]

    def _pages(self) -> list[Any]:
        @post(["/settings/apps/new", "/organizations/{account:str}/settings/apps/new"], status_code=200)
        async def new(request: Request[Any, Any, Any]) -> Response[str]:
            manifest = json.loads((await request.form())["manifest"])
            try:
                check_manifest(manifest)
            except InvalidManifestError as error:
                return Response(f"<h1>Invalid GitHub App configuration</h1><p>{error}", media_type=MediaType.HTML)
            ticket = secrets.token_hex(8)
            self.confirming[ticket] = (manifest, request.query_params.get("state", ""))
            form = f'<form method="post" action="/settings/apps/{ticket}"><button>Create GitHub App</button></form>'
            return Response(f"<!doctype html><title>GitHub</title>{form}", media_type=MediaType.HTML)

        @post("/settings/apps/{ticket:str}", status_code=302)
        async def create(request: Request[Any, Any, Any]) -> Redirect:
            return Redirect(self.confirm(*self.confirming.pop(request.path_params["ticket"])), status_code=302)

        return [new, create]

    def _conversions(self) -> Any:
        @post("/api/v3/app-manifests/{code:str}/conversions", status_code=201)
        async def convert(request: Request[Any, Any, Any]) -> Response[Any]:
            self.sent.append("conversion")
            app, until = self.codes.pop(request.path_params["code"], (None, self.clock.now()))
            if app is None or until <= self.clock.now():
                return Response({"message": "Not Found"}, status_code=404)
            answer = {
                **self.shown(app),
                "client_id": "Iv1.0123456789abcdef",
                "client_secret": "CANARY-client-secret",
                "webhook_secret": app.webhook_secret,
                "pem": app.pem(),
            }
            return Response(answer, status_code=201)

        return convert

    def _own(self) -> Any:
        @get("/api/v3/app")
        async def own(request: Request[Any, Any, Any]) -> Response[Any]:
            self.sent.append("app")
            app = self.app_of(request.headers.get("authorization", ""))
            if app is None:
                return Response({"message": "A JSON web token could not be decoded"}, status_code=401)
            return Response(self.shown(app))

        return own

    def _installations(self) -> list[Any]:
        def found(request: Request[Any, Any, Any]) -> tuple[Installation | None, Response[Any] | None]:
            app = self.app_of(request.headers.get("authorization", ""))
            if app is None:
                message = "A JSON web token could not be decoded"
                return None, Response({"message": message}, status_code=401)
            installation = app.installations.get(int(request.path_params["number"]))
            if installation is None or installation.is_gone:
                return None, Response({"message": "Not Found"}, status_code=404)
            return installation, None

        @get("/api/v3/app/installations/{number:int}")
        async def show(request: Request[Any, Any, Any]) -> Response[Any]:
            self.sent.append("installation")
            installation, refusal = found(request)
            if installation is None:
                assert refusal is not None
                return refusal
            return Response(self._shown_installation(installation))

        @post("/api/v3/app/installations/{number:int}/access_tokens", status_code=201)
        async def token(request: Request[Any, Any, Any]) -> Response[Any]:
            self.sent.append("token")
            installation, refusal = found(request)
            if installation is None:
                assert refusal is not None
                return refusal
            if installation.is_suspended or installation.refuses_tokens:
                suspended, refused = "This installation has been suspended", "Resource not accessible by integration"
                return Response({"message": suspended if installation.is_suspended else refused}, status_code=403)
            made = f"ghs_CANARY{secrets.token_hex(12)}"
            installation.tokens[made] = (self.clock.now() + HOUR).replace(microsecond=0)
            return Response({"token": made, "expires_at": written(installation.tokens[made])}, status_code=201)

        return [show, token]


def check_manifest(manifest: dict[str, Any]) -> None:
    """Check a manifest as GitHub does."""
    for name in ("name", "url", "redirect_url"):
        if not manifest.get(name):
            raise InvalidManifestError(f'"{name}" wasn\'t supplied')
    hook = manifest.get("hook_attributes")
    if hook is not None:
        host = urlsplit(hook.get("url") or "").hostname
        if not host:
            raise InvalidManifestError('"url" wasn\'t supplied')
        if host in {"localhost", "127.0.0.1"}:
            raise InvalidManifestError("Hook url is not supported because it isn't reachable over the public Internet")
    granted = manifest["default_permissions"]
    if unknown := set(granted) - set(EVENTS_BY_PERMISSION):
        raise InvalidManifestError(f"Default permission records resource is not included in the list: {unknown}")
    possible = set().union(*(EVENTS_BY_PERMISSION[name] for name in granted))
    if wrong := set(manifest["default_events"]) - possible:
        raise InvalidManifestError(f"Default events are not supported by permissions: {sorted(wrong)}")
