"""The repositories of the folders that sessions worked in."""

from pathlib import Path

from schema.errors import BadInputError
from schema.identifiers import parse_repository


class Repositories:
    """The repositories of folders, looked up with git once per folder; worktrees and subfolders work too."""

    def __init__(self) -> None:
        self._known: dict[str | None, str | None] = {None: None}

    def of(self, folder: str | None) -> str | None:
        """Return host/owner/name of the folder's remote `origin`; None without a clone or such a remote."""
        if folder not in self._known:
            self._known[folder] = _repository(Path(folder or ""))
        return self._known[folder]


def _repository(folder: Path) -> str | None:
    if not (folder.is_absolute() and folder.is_dir()):
        return None
    from service.imports.git.reader import GitRepository  # noqa: PLC0415 - seldom needed, and slow to import
    from service.imports.git.remotes import resolve_ssh_alias  # noqa: PLC0415

    # The folder may belong to another user, or the path to another machine.
    try:
        url = GitRepository(folder).remote_url("origin")
        return str(parse_repository(resolve_ssh_alias(url))) if url else None
    except (BadInputError, OSError, ValueError):
        return None
