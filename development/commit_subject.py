"""Check that the subject of a commit begins with the folder or module that it changes: `facts: store labels once`.

So `git log --grep '^facts:'` finds what changed there. The folder or module is called a room.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

MAXIMUM_LENGTH = 80
EXAMPLE = "for example: facts: store labels once"
# The Makefile, releases, and renames and copy-edits that change every room.
MORE_ROOMS = frozenset({"make", "names", "release", "words"})

_SUBJECT = re.compile(r"(?P<rooms>[\w.-]+(, [\w.-]+)*): (?P<change>\S.*)")
# Git writes these itself.
_WRITTEN_BY_GIT = re.compile(r'Merge |Revert "|(fixup|squash|amend)! ')


def rooms_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the names of all folders and modules in paths, without suffixes and leading dots."""
    parts = {part.lstrip(".").partition(".")[0] for path in paths for part in PurePosixPath(path).parts}
    return frozenset(_plain(part) for part in parts if part) | MORE_ROOMS


def find_problem(subject: str, rooms: frozenset[str]) -> str | None:
    """Return what is wrong with a subject and how to fix it; None if it is correct."""
    if _WRITTEN_BY_GIT.match(subject):
        return None
    if (parts := _SUBJECT.fullmatch(subject)) is None:
        return f"The subject must begin with the folder or module that the commit changes; {EXAMPLE}"
    unknown = [room for room in parts["rooms"].split(", ") if _plain(room) not in rooms]
    if unknown:
        return f"There is no folder or module named {', '.join(unknown)}; {EXAMPLE}"
    if subject.endswith("."):
        return "The subject must not end with a full stop."
    if len(subject) > MAXIMUM_LENGTH:
        return f"The subject has {len(subject)} characters; write at most {MAXIMUM_LENGTH}, and the reason in the body."
    return None


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def main() -> None:
    """Read the file that Git passes to the commit-msg hook; exit with 1 and one line if its subject is wrong."""
    lines = Path(sys.argv[1]).read_text().splitlines()
    subject = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    # The index includes folders and modules that this commit adds.
    listed = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True)  # noqa: S607 - any git
    if (problem := find_problem(subject, rooms_of(listed.stdout.splitlines()))) is not None:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    main()
