"""The repository that a command is about: named, of the clone in the current folder, or the last one imported here."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schema.errors import BadInputError, SetUpError
from schema.identifiers import DEFAULT_HOSTS, parse_repository
from service.client import Client, state_folder
from service.imports.git.reader import GitRepository
from vocabulary.forge import Forge

REMOTE = "origin"


def find_in_repositories(
    client: Client, path: str, query: dict[str, str], repository: str | None, forge: Forge | None
) -> dict[str, Any]:
    """Return the answer of the first repository that has what is asked for; raises SetUpError if none has.

    `repository` is the only one that is asked, if it is given.
    """
    answer: dict[str, Any] | None = None
    for name in [_named(repository, forge)] if repository else _likely(client.url):
        found = client.get(path, {**query, "repository": name})
        if found["items"]:
            return dict(found)
        answer = answer or found
    if answer is None:
        raise SetUpError("Which repository? Run the command in a clone, or pass --repository HOST/OWNER/NAME.")
    raise SetUpError(str(answer["explanation"]))


def remember_repository(url: str, name: str) -> None:
    """Remember the repository that was imported last into the service at `url`, on this machine alone."""
    file = _file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps({**_remembered(), url: name}))
    except OSError:
        return


def _named(repository: str, forge: Forge | None) -> str:
    try:
        return str(parse_repository(repository, DEFAULT_HOSTS[forge or "github"]))
    except BadInputError as error:
        raise SetUpError(f"--repository {error.detail}") from error


def _likely(url: str) -> Iterator[str]:
    remote = GitRepository(Path.cwd()).remote_url(REMOTE)
    if remote:
        with contextlib.suppress(BadInputError):
            yield str(parse_repository(remote))
    if name := _remembered().get(url):
        yield name


def _file() -> Path:
    return state_folder() / "repositories.json"


def _remembered() -> dict[str, str]:
    try:
        content = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
