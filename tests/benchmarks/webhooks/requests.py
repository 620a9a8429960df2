"""The bytes of signed webhook requests, with bodies as large as GitHub's and unique GUIDs."""

import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.harness.webhooks import github_signature, recorded

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
        """Yield requests forever, with bodies in turn and a new delivery id each."""
        parts = [self._parts(body) for body in bodies]
        run = uuid.uuid4().hex[:20]
        for number, (before, after) in zip(itertools.count(), itertools.cycle(parts)):
            yield before + f"{run}-{number:012d}".encode() + after

    def _parts(self, body: bytes) -> tuple[bytes, bytes]:
        head = {
            "Host": "benchmark",
            "Accept": "*/*",
            "User-Agent": "GitHub-Hookshot/benchmark",
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Hook-ID": "481516234",
            "X-GitHub-Hook-Installation-Target-ID": "79929171",
            "X-GitHub-Hook-Installation-Target-Type": "repository",
            "X-Hub-Signature-256": github_signature(self.secret, body),
            "Content-Length": str(len(body)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        before = f"POST {self.path} HTTP/1.1\r\n{lines}X-GitHub-Delivery: "
        return before.encode(), b"\r\n\r\n" + body


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
