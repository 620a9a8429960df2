"""A git repository that a test builds, with fixed people and times, so that its history is always the same."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class ScriptedRepository:
    """A repository in which each commit is one hour after the previous one."""

    def __init__(self, path: Path, remote: str | None = "https://github.com/octo-org/octo-repo.git") -> None:
        self.path = path
        self._clock = START
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        if remote:
            self.git("remote", "add", "origin", remote)

    def git(self, *arguments: str) -> str:
        stamp = self._clock.isoformat()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "CANARY-author",
            "GIT_AUTHOR_EMAIL": "CANARY@example.org",
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": "CANARY-committer",
            "GIT_COMMITTER_EMAIL": "CANARY@example.org",
            "GIT_COMMITTER_DATE": stamp,
        }
        finished = subprocess.run(
            ["git", "-C", str(self.path), *arguments], capture_output=True, check=True, env=environment, text=True
        )
        return finished.stdout.strip()

    def commit(self, message: str = "work") -> str:
        """Make an empty commit; return its SHA."""
        self._clock += timedelta(hours=1)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "main") -> None:
        """Check out a new branch."""
        self.git("checkout", "--quiet", "-b", name, start)

    def switch(self, name: str) -> None:
        """Check out an existing branch."""
        self.git("checkout", "--quiet", name)

    def merge(self, *names: str, message: str) -> str:
        """Merge branches, always with a merge commit; return its SHA."""
        self._clock += timedelta(hours=1)
        self.git("merge", "--quiet", "--no-ff", "--message", message, *names)
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, *, annotated: bool = False, at: str = "HEAD") -> None:
        """Add a tag; an annotated one is dated an hour later."""
        self._clock += timedelta(hours=1)
        self.git("tag", *(("--annotate", "--message", "release") if annotated else ()), name, at)

    def pull_request(self, number: int, branch: str, commits: int = 1, owner: str = "octo-org") -> str:
        """Branch off main, commit, and merge as GitHub does; return the SHA of the merge."""
        self.branch(branch)
        for _ in range(commits):
            self.commit()
        self.switch("main")
        return self.merge(branch, message=f"Merge pull request #{number} from {owner}/{branch}\n\nCANARY title")
