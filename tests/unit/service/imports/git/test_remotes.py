"""Which remote is the repository that pull requests go to, and what an alias of ssh stands for."""

import os
from pathlib import Path

import pytest

from service.imports.git.reader import GitRepository
from service.imports.git.remotes import choose_remote, resolve_ssh_alias
from tests.harness.repository import ScriptedRepository


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ssh that knows `office` and prints settings as ssh does."""
    program = tmp_path / "ssh"
    program.write_text(
        '#!/bin/sh\necho "user git"\n[ "$2" = office ] && echo "hostname github.com" || echo "hostname $2"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("ssh")
@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("git@office:acme/shop.git", "git@github.com:acme/shop.git"),
        ("ssh://git@office/acme/shop.git", "ssh://git@github.com/acme/shop.git"),
        ("office:acme/shop.git", "github.com:acme/shop.git"),
        ("git@other:acme/shop.git", "git@other:acme/shop.git"),
        ("git@github.com:acme/shop.git", "git@github.com:acme/shop.git"),
        ("https://office/acme/shop", "https://office/acme/shop"),
        ("/srv/git/shop.git", "/srv/git/shop.git"),
    ],
)
def test_an_alias_is_resolved_as_ssh_would(url: str, resolved: str) -> None:
    assert resolve_ssh_alias(url) == resolved


def test_without_ssh_an_alias_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert resolve_ssh_alias("git@office:acme/shop.git") == "git@office:acme/shop.git"


def test_the_base_that_gh_noted_is_read_and_an_upstream_is_named(tmp_path: Path) -> None:
    repository = ScriptedRepository(tmp_path / "clone")
    clone = GitRepository(repository.path)
    assert choose_remote(clone) == ("origin", None)
    repository.git("remote", "add", "upstream", "https://github.com/upstream/octo-repo.git")
    remote, note = choose_remote(clone)
    assert (remote, "--remote upstream" in (note or "")) == ("origin", True)
    repository.git("config", "remote.upstream.gh-resolved", "base")
    remote, note = choose_remote(clone)
    assert (remote, "--remote origin" in (note or "")) == ("upstream", True)
    repository.git("config", "--unset", "remote.upstream.gh-resolved")
    repository.git("config", "remote.origin.gh-resolved", "base")
    assert choose_remote(clone) == ("origin", None)
