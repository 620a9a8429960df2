"""Validation of a registration request before it is stored. Pure."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS
from service.connections.forge_addresses import forge_base, forge_host
from service.connections.reachability import is_reachable, web_address
from service.contracts.registration import NewRegistration
from vocabulary.hooks import HookScope
from vocabulary.ip_addresses import is_loopback

DEFAULT_BASE = "https://gitlab.com"

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")

UNREACHABLE = (
    "must be an address that GitLab at {host} can reach, not {url}; pass the public address of this service, or set "
    "SHIPLEDGER_PUBLIC_URL"
)
LOCAL = "{url} is an address of this machine; GitLab sends to it only if its administrator allows local requests"
PLAIN = "{url} does not use https, so others on the network can read what GitLab sends"

SYSTEM_HOOK_LIMITS = (
    "A system hook sends no comments, releases or merge trains. Tags count as releases; a backfill fetches comments."
)


class RegistrationRequest(NamedTuple):
    """A validated registration."""

    scope: HookScope
    host: str
    base_url: str | None
    path: str | None
    public_url: str
    warnings: list[str]

    @property
    def target(self) -> str:
        """The key that identifies this registration in its organization."""
        return f"{self.base_url or DEFAULT_BASE} {self.scope.value} {self.path or ''}"


def read_registration_request(requested: NewRegistration, public_url: str) -> RegistrationRequest:
    """Validate a request; `public_url` is the default address of the service. Raises BadInputError with the field."""
    scope = HookScope(requested.scope)
    host = forge_host("gitlab", requested.base_url)
    if requested.token is None and not requested.dry_run:
        raise BadInputError("is missing; create one at GitLab with the scope api", field="token")
    if scope is HookScope.SYSTEM and host == DEFAULT_HOSTS["gitlab"]:
        raise BadInputError("system needs a self-hosted GitLab; use group or project", field="scope")
    url = web_address(requested.public_url, "public_url") if requested.public_url is not None else public_url
    warnings = [SYSTEM_HOOK_LIMITS] if scope is HookScope.SYSTEM else []
    return RegistrationRequest(
        scope,
        host,
        forge_base(requested.base_url),
        _path(requested, scope),
        url,
        [*_place_warnings(url, host), *warnings],
    )


def _path(requested: NewRegistration, scope: HookScope) -> str | None:
    """Return the path in lower case, as GitLab ignores case; raises BadInputError."""
    if scope is HookScope.SYSTEM:
        if requested.path is not None:
            raise BadInputError("does not apply to a whole instance; leave it out", field="path")
        return None
    path = (requested.path or "").strip().strip("/").lower()
    if not _PATH.fullmatch(path) or (scope is HookScope.PROJECT and "/" not in path):
        example = "group/project" if scope is HookScope.PROJECT else "group or group/subgroup"
        raise BadInputError(f"must be the path of a {scope.value}, as in its address: {example}", field="path")
    return path


def _place_warnings(url: str, host: str) -> list[str]:
    """Return warnings about the public address; raises BadInputError if GitLab cannot reach it."""
    # A self-hosted GitLab may share a private network with this service.
    if not is_reachable(url, DEFAULT_HOSTS["github"] if host == DEFAULT_HOSTS["gitlab"] else host):
        if not is_loopback(host):
            raise BadInputError(UNREACHABLE.format(host=host, url=url), field="public_url")
        return [LOCAL.format(url=url)]
    return [] if urlsplit(url).scheme == "https" else [PLAIN.format(url=url)]
