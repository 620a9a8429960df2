"""The bytes of signed webhook requests, with bodies as large as GitHub's, each unique, and unique GUIDs."""

import hashlib
import hmac
import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.harness.webhooks import recorded

# GitHub's bodies are large because each of their three repositories lists many URLs.
RESOURCES = """
assignees blobs branches clone collaborators comments commits compare contents contributors deployments downloads events
forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges milestones
mirror notifications pulls releases ssh stargazers statuses subscribers subscription svn tags teams trees
"""
DESCRIPTION = "Sums the cart once and keeps it, and no longer asks for prices that are known. See the notes of {}.\n"


@dataclass(frozen=True, slots=True)
class Hook:
    """The path of requests, and the secret that signs them."""

    path: str
    secret: str

    def requests(self, bodies: Sequence[bytes]) -> Iterator[bytes]:
        """Yield requests forever, with bodies in turn, and a new delivery id and last field of the body each."""
        run = uuid.uuid4().hex[:20]
        started = [(body[:-1], self._signing(body[:-1])) for body in bodies]
        length = len(_last_field(run, 0))
        heads = [self._head(len(start) + length) for start, _ in started]
        for number, head, (start, signing) in zip(itertools.count(), itertools.cycle(heads), itertools.cycle(started)):
            last = _last_field(run, number)
            # Only the end differs, so the signature of the start is computed once.
            signed = signing.copy()
            signed.update(last)
            own = f"X-GitHub-Delivery: {run}-{number:012d}\r\nX-Hub-Signature-256: sha256={signed.hexdigest()}\r\n\r\n"
            yield head + own.encode() + start + last

    def _signing(self, start: bytes) -> hmac.HMAC:
        return hmac.new(self.secret.encode(), start, hashlib.sha256)

    def _head(self, length: int) -> bytes:
        head = {
            "Host": "benchmark",
            "Accept": "*/*",
            "User-Agent": "GitHub-Hookshot/benchmark",
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Hook-ID": "481516234",
            "X-GitHub-Hook-Installation-Target-ID": "79929171",
            "X-GitHub-Hook-Installation-Target-Type": "repository",
            "Content-Length": str(length),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST {self.path} HTTP/1.1\r\n{lines}".encode()


def _last_field(run: str, number: int) -> bytes:
    """Return the end of a JSON object whose last field is unique."""
    return f',"benchmark":"{run}-{number:012d}"}}'.encode()


def bodies(number: int, size: int) -> list[bytes]:
    """Return `number` pull request events of about `size` bytes."""
    return [_body(each, size) for each in range(1, number + 1)]


def _body(number: int, size: int) -> bytes:
    payload = recorded("github", "pull_request__synchronize_forced")
    payload["number"] = payload["pull_request"]["number"] = number
    for repository in (
        payload["repository"],
        payload["pull_request"]["head"]["repo"],
        payload["pull_request"]["base"]["repo"],
    ):
        repository.update(addresses(repository["full_name"]))
    missing = size - len(_encoded(payload))
    lines = (DESCRIPTION.format(uuid.uuid5(uuid.NAMESPACE_URL, f"{number}/{line}")) for line in itertools.count())
    text = ""
    while len(text) < missing:
        text += next(lines)
    payload["pull_request"]["body"] = text[: max(missing, 0)]
    return _encoded(payload)


def addresses(name: str) -> dict[str, str]:
    """Return the URLs of a repository that GitHub writes into each payload."""
    return {f"{each}_url": f"https://api.github.com/repos/{name}/{each}{{/{each}_id}}" for each in RESOURCES.split()}


def _encoded(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()
