"""What a registration asks for, checked before anything is stored. Pure."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from schema.errors import BadInputError
from schema.hooks import SYSTEM_TELLS_LESS, HookScope
from schema.identifiers import DEFAULT_HOSTS
from service.connections.forge_addresses import forge_base, forge_host
from service.connections.reachability import is_reachable, web_address
from service.contracts.registration import NewRegistration

DEFAULT_BASE = "https://gitlab.com"

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")

UNREACHABLE = (
    "is missing: GitLab at {host} cannot reach {url}; pass the public address of this service, or set "
    "SHIPLEDGER_PUBLIC_URL"
)
LOCAL = "{url} is an address of this machine; GitLab sends there only where its administrator allows local requests"
PLAIN = "{url} does not use https, so anyone on the way can read what GitLab sends"


class RegistrationRequest(NamedTuple):
    """A registration that can be tried."""

    scope: HookScope
    host: str
    base_url: str | None
    path: str | None
    public_url: str
    warnings: list[str]

    @property
    def target(self) -> str:
        """What tells it from others of the organization."""
        return f"{self.base_url or DEFAULT_BASE} {self.scope.value} {self.path or ''}"


def read_registration_request(reported: NewRegistration, public_url: str) -> RegistrationRequest:
    """Raises BadInputError naming the field; `public_url` is how the service is reached unless told."""
    scope = HookScope(reported.scope)
    if reported.base_url is not None:
        web_address(reported.base_url if "://" in reported.base_url else f"https://{reported.base_url}", "base_url")
    host = forge_host("gitlab", reported.base_url)
    if reported.token is None and not reported.dry_run:
        raise BadInputError("is missing; create one at GitLab with the scope api", field="token")
    if scope is HookScope.SYSTEM and host == DEFAULT_HOSTS["gitlab"]:
        raise BadInputError("system needs your own GitLab server; register a group or a project", field="scope")
    url = web_address(reported.public_url, "public_url") if reported.public_url is not None else public_url
    warnings = [SYSTEM_TELLS_LESS] if scope is HookScope.SYSTEM else []
    return RegistrationRequest(
        scope,
        host,
        forge_base(reported.base_url),
        _path(reported, scope),
        url,
        [*_place_warnings(url, host), *warnings],
    )


def _path(reported: NewRegistration, scope: HookScope) -> str | None:
    """As GitLab compares them: in lower case."""
    if scope is HookScope.SYSTEM:
        if reported.path is not None:
            raise BadInputError("does not apply to a whole instance; leave it out", field="path")
        return None
    path = (reported.path or "").strip().strip("/").lower()
    if not _PATH.fullmatch(path) or (scope is HookScope.PROJECT and "/" not in path):
        example = "group/project" if scope is HookScope.PROJECT else "group or group/subgroup"
        raise BadInputError(f"must be the path of a {scope.value}, as in its address: {example}", field="path")
    return path


def _place_warnings(url: str, host: str) -> list[str]:
    """Whether deliveries will come; raises BadInputError where they cannot."""
    # Whether a private network is shared with GitLab is known only to who has both.
    if not is_reachable(url, DEFAULT_HOSTS["github"] if host == DEFAULT_HOSTS["gitlab"] else host):
        if not _is_here(host):
            raise BadInputError(UNREACHABLE.format(host=host, url=url), field="public_url")
        return [LOCAL.format(url=url)]
    return [] if urlsplit(url).scheme == "https" else [PLAIN.format(url=url)]


def _is_here(host: str) -> bool:
    """Whether a GitLab is on this machine, as when one tries things out."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
