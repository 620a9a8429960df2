"""Keyed hashes, which replace every name that arrives.

`artifact id = "a1_" + hex(HMAC-SHA256(organization key, canonical name))`, stored as 32 bytes. A repository hashes the
forge host and the forge's numeric id (or its name until the id is known). Pull requests and releases hash their
repository's artifact id and number or tag, so that renames do not matter. Names in telemetry (repository, branch,
commit, number) are hashed separately and matched with the hashes on pull requests.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from schema.errors import BadInputError

ARTIFACT_PREFIX = "a1_"
KNOWN_NAMES = 10_000
# One delivery names a commit four times, in each step of a batch: 5 µs of the worker's time for a delivery.
KNOWN_COMMITS = 5_000
# Some agents report only the first digits of a commit.
ABBREVIATED_DIGITS = 7
# Block size of SHA-256 in bytes.
BLOCK = 64
NOT_A_REPOSITORY = "must be a repository as host/owner/name, for example github.com/octo-org/octo-repo"
DEFAULT_HOSTS = {"github": "github.com", "gitlab": "gitlab.com"}

_SCP_LIKE = re.compile(r"^(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9._-]+):(?P<path>/?[^/\\].*)$")
# A path after the host and a colon, as in ssh://git@github.com:octo-org/octo-repo.
_COLON_PATH = re.compile(r"(?P<start>^[a-z+]+://(?:[^/@]*@)?[^/:@\[]+):(?=[^/@]*[^/@0-9][^/@]*(?:/|$))", re.IGNORECASE)
# No top-level domain ends like github.com-work or github.com_work, so that is an alias in somebody's ssh settings.
_ALIAS = re.compile(r"(?P<host>.+\.(?!xn--)[a-z]+)[-_].*")
_FRONT = re.compile(r"^(?:www\.|(?:api|ssh|altssh)\.(?=git(?:hub|lab)\.com$))")
_PUBLIC = re.compile(r"(?:.+\.)?(?P<host>github\.com|gitlab\.com)")
# Pages of a repository, beneath its address.
_GITLAB_PAGE = re.compile(r"/-(?:/.*)?$")
OWNER_AND_NAME = 2


class RepositoryName(Struct, frozen=True):
    """Forge host and path of a repository, both in lower case because forges ignore case."""

    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"


@lru_cache(KNOWN_NAMES)
def parse_repository(text: str, default_host: str | None = None) -> RepositoryName:
    """Read `host/owner/name`, `owner/name` (with a default host), an https URL, or an ssh remote.

    Credentials, ports, a trailing `.git` and letter case are dropped; `www.github.com`, `ssh.github.com` and an ssh
    alias such as `github.com-work` are github.com. Raises BadInputError without an owner and name, and for an ssh
    remote whose host has no dot: that is an alias.
    """
    cleaned = text.strip()
    is_ssh = False
    if "://" in cleaned:
        parts = _split_url(_COLON_PATH.sub(r"\g<start>/", cleaned, count=1))
        host, path = parts.hostname or "", parts.path
        is_ssh = "ssh" in parts.scheme
    elif match := _SCP_LIKE.match(cleaned):
        host, path = match["host"], match["path"]
        is_ssh = True
    else:
        first, _, rest = cleaned.strip("/").partition("/")
        has_host = "/" in rest and ("." in first or first == "localhost")
        host, path = (first, rest) if has_host else (default_host or "", cleaned)
    host = _forge_host(host.lower().rstrip("."), is_ssh=is_ssh)
    path = _repository_path(host, path)
    if not host or "/" not in path or "\0" in cleaned:
        raise BadInputError(NOT_A_REPOSITORY, field="repository")
    return RepositoryName(host, path)


def _split_url(url: str) -> SplitResult:
    """Split a URL; raises BadInputError if its host cannot be one."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise BadInputError(NOT_A_REPOSITORY, field="repository") from error


def _forge_host(host: str, *, is_ssh: bool) -> str:
    """The host that a forge is known by; empty for what can only be an alias of ssh."""
    if alias := _ALIAS.fullmatch(host):
        host = alias["host"]
    host = _FRONT.sub("", host)
    if is_ssh and "." not in host and host != "localhost":
        return ""
    public = _PUBLIC.fullmatch(host) if is_ssh and not host.startswith("gist.") else None
    return public["host"] if public else host


def _repository_path(host: str, path: str) -> str:
    path = _GITLAB_PAGE.sub("", path.strip("/")).lower().removeprefix("api/v3/repos/")
    if host == DEFAULT_HOSTS["github"]:
        path = "/".join(re.sub(r"^repos/(?=[^/]+/.)", "", path).split("/")[:OWNER_AND_NAME])
    return path.removesuffix(".git")


def abbreviate_commit(revision: str) -> str:
    """Return the digits by which a commit is found where its whole SHA is unknown."""
    return revision.lower()[:ABBREVIATED_DIGITS]


def artifact_text(artifact_id: bytes) -> str:
    """Return the text form of a stored artifact id."""
    return ARTIFACT_PREFIX + artifact_id.hex()


def artifact_bytes(text: str) -> bytes:
    """Return the stored form of an artifact id; raises BadInputError for other text."""
    digits = text.strip().lower().removeprefix(ARTIFACT_PREFIX)
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise BadInputError("must be an artifact id: a1_ and 64 hexadecimal digits", field="artifact_id")
    return bytes.fromhex(digits)


class Hasher:
    """Hashes canonical names with one organization's key: equal names have equal hashes only in that organization."""

    def __init__(self, organization_key: bytes) -> None:
        # HMAC (RFC 2104) with the key hashed once, which saves more than half of the time.
        key = organization_key if len(organization_key) <= BLOCK else hashlib.sha256(organization_key).digest()
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(BLOCK, b"\0")))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(BLOCK, b"\0")))
        # The inner hash after each kind's name; there are few kinds.
        self._kinds: dict[str, Any] = {}
        # The same names are hashed again and again.
        self.repository_by_name = lru_cache(KNOWN_NAMES)(self._repository_by_name)
        self.number = lru_cache(KNOWN_NAMES)(self._number)
        self.commit = lru_cache(KNOWN_COMMITS)(self._commit)

    def _hash(self, kind: str, name: str | bytes) -> bytes:
        of_kind = self._kinds.get(kind)
        if of_kind is None:
            of_kind = self._inner.copy()
            of_kind.update(f"{kind}:".encode())
            self._kinds[kind] = of_kind
        inner, outer = of_kind.copy(), self._outer.copy()
        inner.update(name.encode() if isinstance(name, str) else name)
        outer.update(inner.digest())
        digest: bytes = outer.digest()
        return digest

    def subject(self, issuer: str, subject: str) -> bytes:
        """Hash a person by what their identity provider calls them, which is never stored."""
        return self._hash("subject", f"{issuer}\n{subject}")

    def repository_by_id(self, host: str, forge_id: int | str) -> bytes:
        """Hash a repository by the forge's numeric id, which survives renames and transfers."""
        return self._hash("repository", f"{host.lower()}/{forge_id}")

    def _repository_by_name(self, name: RepositoryName) -> bytes:
        """Hash a repository by its name: an alias, or the id while no numeric id is known."""
        return self._hash("repository", str(name))

    def pull_request(self, repository_id: bytes, number: int) -> bytes:
        """Hash a pull request or merge request of a repository artifact."""
        return self._hash("pull_request", f"{artifact_text(repository_id)}#{number}")

    def release(self, repository_id: bytes, tag: str) -> bytes:
        """Hash a release or tag of a repository artifact."""
        return self._hash("release", f"{artifact_text(repository_id)}@{tag}")

    def _number(self, number: int | str) -> bytes:
        """Hash a pull request number, to be matched within a repository."""
        return self._hash("number", str(int(number)))

    def branch(self, name: str) -> bytes:
        """Hash a branch name, to be matched within a repository."""
        return self._hash("branch", name.removeprefix("refs/heads/"))

    def _commit(self, revision: str) -> bytes:
        """Hash a full commit SHA."""
        return self._hash("commit", revision.lower())

    def session(self, source: str, session: str) -> bytes:
        """Hash an agent's session id; kept only as long as raw events."""
        return self._hash("session", f"{source}/{session}")

    def member(self, mail: str) -> bytes:
        """Hash a person's e-mail in a provider's report, only to look up the team while the report is read."""
        return self._hash("member", mail.strip().lower())

    def code_owner(self, handle: str) -> bytes:
        """Hash a handle in CODEOWNERS. Handles are case-insensitive at the forges."""
        return self._hash("code_owner", handle.lower())

    def labels(self, digests: Iterable[bytes]) -> list[bytes]:
        """Hash digests of labels; sorted."""
        return sorted(self._hash("label", digest.hex()) for digest in digests)

    def reference(self, kind: str, name: str | bytes) -> bytes:
        """Hash anything else that needs an identity, such as a review or a token event; text as UTF-8."""
        return self._hash(kind, name)
