"""A user's home with the link installed, and real clones in it in which agents and people run git."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from service.link import installation
from service.link.one_file import one_file

AGENT = {"CLAUDE_CODE_SESSION_ID": "session-1"}
REMOTE = "https://ada:CANARY-password@github.com/Octo-Org/octo-repo.git"
SETTINGS_OF_AGENTS = ("CLAUDE", "CODEX", "COPILOT", "SHIPLEDGER", "GIT", "XDG", "GEMINI", "OPENCODE")
# A hook that notes its name, arguments and input.
NOTE = 'echo "$(basename "$0") $*" >>"$HOME/log"; cat >>"$HOME/log"'
# Another git for the same tests, such as an older one: the folder that holds it.
GIT_FOLDER = os.environ.get("SHIPLEDGER_TEST_GIT_FOLDER")


@dataclass(frozen=True)
class Finished:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int


@dataclass(frozen=True)
class Home:
    """A home folder; `work` is a clone with a remote at GitHub."""

    folder: Path

    @property
    def work(self) -> Path:
        """Return the clone."""
        return self.folder / "work"

    @property
    def state(self) -> Path:
        """Return the folder of what waits."""
        return self.folder / ".local/state/shipledger/link"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a command: nothing of the agent that may run these tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_AGENTS)}
        path = f"{GIT_FOLDER}:{kept['PATH']}" if GIT_FOLDER else kept["PATH"]
        (self.folder / "tmp").mkdir(exist_ok=True)
        own = {"HOME": str(self.folder), "TMPDIR": str(self.folder / "tmp"), "GIT_CONFIG_NOSYSTEM": "1", "PATH": path}
        return {**kept, **own, "GIT_EDITOR": "true", **more}

    def run(self, *command: str, cwd: Path | None = None, stdin: str = "", **more: str) -> Finished:
        """Run a command in the clone, or elsewhere."""
        done = subprocess.run(
            command,
            cwd=cwd or self.work,
            env=self.environment(**more),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Finished(done.stdout, done.stderr, done.returncode)

    def git(self, *arguments: str, cwd: Path | None = None, **more: str) -> str:
        """Run a git command that succeeds; returns what it prints."""
        done = self.run("git", *arguments, cwd=cwd, **more)
        assert done.code == 0, done.err
        return done.out.strip()

    def commit(self, cwd: Path | None = None, **more: str) -> str:
        """Make an empty commit; returns its id."""
        self.git("commit", "--quiet", "--allow-empty", "--message", "CANARY message", cwd=cwd, **more)
        return self.git("rev-parse", "HEAD", cwd=cwd)

    def clone(self, folder: Path | None = None, remote: str = REMOTE) -> Path:
        """Make a repository with one commit and a remote; hooks do not run for it."""
        place = folder or self.work
        place.mkdir(parents=True)
        for words in (
            ["init", "--quiet"],
            ["symbolic-ref", "HEAD", "refs/heads/main"],
            ["remote", "add", "origin", remote],
        ):
            self.git(*words, cwd=place)
        self.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--allow-empty", "--message", "one", cwd=place)
        return place

    def install(self, url: str, repository: Path | None = None, *, in_configuration: bool | None = False) -> None:
        """Install the link, as `shipledger link install` does."""
        place = installation.layout()
        version = installation.git_version()
        steps = installation.steps_to_install(place, version, repository, in_configuration=in_configuration)
        installation.carry_out(steps, one_file(), repository)
        file = self.folder / ".config/shipledger/link.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"url": url, "key": "sl1_1_key"}))

    def hook(self, folder: Path, name: str, text: str) -> Path:
        """Write an executable hook."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        return file


def make_home(folder: Path) -> Home:
    """Create a home whose git knows its user, with a clone."""
    home = Home(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitconfig").write_text(
        "[user]\n\tname = CANARY Ada\n\temail = CANARY@example.com\n[advice]\n\tdetachedHead = false\n"
    )
    home.clone()
    return home


def has(program: str) -> bool:
    """Return whether a program is on the path."""
    return shutil.which(program) is not None
