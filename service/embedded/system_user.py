"""The user that PostgreSQL runs as: it refuses to run as root, so root creates a user for it."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

from schema.errors import SetUpError

USER_NAME = "pgserver"

User = tuple[int, int]


def postgres_user(data: Path) -> User | None:
    """Return user and group id to run PostgreSQL as, None for the current user.

    For root: the owner of existing data, or else the system user `pgserver`, which is created if it is missing.
    Raises SetUpError if that fails, or if the data belongs to another user.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise SetUpError(
                f"{data} belongs to another user; run shipledger as that user, or choose another folder with --data"
            )
        return None
    if owner is not None and owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    entry = _entry() or _create_entry()
    return entry.pw_uid, entry.pw_gid


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER_NAME)
    except KeyError:
        return None


def _create_entry() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER_NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a constant command
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpError(
            f"PostgreSQL does not run as root, and the user {USER_NAME} could not be created; "
            "run shipledger as another user"
        ) from error
    return pwd.getpwnam(USER_NAME)


def open_path(path: Path) -> None:
    """Let other users traverse, but not list, all folders above `path`; only for root."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def open_tree(folder: Path) -> None:
    """Let other users read and run the files of a folder despite a strict umask; only for root."""
    open_path(folder)
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode & needed != needed:
            path.chmod(stat.S_IMODE(mode) | needed)
