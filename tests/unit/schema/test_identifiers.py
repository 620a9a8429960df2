import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName, artifact_bytes, artifact_text, parse_repository

REPOSITORY = RepositoryName("github.com", "octo-org/octo-repo")


@pytest.mark.parametrize(
    "text",
    [
        "github.com/octo-org/octo-repo",
        "https://github.com/Octo-Org/octo-repo.git",
        "https://user:secret@github.com:443/octo-org/octo-repo/",
        "git@github.com:octo-org/octo-repo.git",
        "ssh://git@github.com/octo-org/octo-repo",
        " GitHub.com/octo-org/Octo-repo ",
        "https://www.github.com/octo-org/octo-repo",
        "www.github.com/octo-org/octo-repo",
        "https://github.com./octo-org/octo-repo",
        "ssh://git@ssh.github.com:443/octo-org/octo-repo.git",
        "git@ssh.github.com:octo-org/octo-repo.git",
        "org-123@github.com:octo-org/octo-repo.git",
        "git@github.com-work:octo-org/octo-repo.git",
        "git@github.com_work:octo-org/octo-repo.git",
        "ssh://git@github.com-work/octo-org/octo-repo.git",
        "git@work.github.com:octo-org/octo-repo.git",
        "git@github.com:/octo-org/octo-repo.git",
        "ssh://git@github.com:octo-org/octo-repo.git",
        "git+ssh://git@github.com/octo-org/octo-repo.git",
        "git://github.com/octo-org/octo-repo.git",
        "https://github.com/octo-org/octo-repo/pull/7",
        "https://api.github.com/repos/octo-org/octo-repo",
        "https://api.github.com/repos/Octo-Org/octo-repo/pulls/7",
        "ssh.github.com/octo-org/octo-repo",
        "https://x-access-token:secret@github.com/octo-org/octo-repo.git",
    ],
)
def test_every_spelling_of_a_repository_is_the_same_name(text: str) -> None:
    assert parse_repository(text) == REPOSITORY


def test_owner_and_name_alone_need_a_forge() -> None:
    assert parse_repository("octo-org/octo-repo", "github.com") == REPOSITORY
    with pytest.raises(BadInputError):
        parse_repository("octo-org/octo-repo")


def test_a_gitlab_subgroup_is_part_of_the_path() -> None:
    assert parse_repository("https://gitlab.example.com/a/b/c.git") == RepositoryName("gitlab.example.com", "a/b/c")
    assert parse_repository("a/b/c", "gitlab.com") == RepositoryName("gitlab.com", "a/b/c")


@pytest.mark.parametrize(
    "text",
    [
        "ssh://git@altssh.gitlab.com:443/a/b/c.git",
        "git@gitlab.com-work:a/b/c.git",
        "https://www.gitlab.com/a/b/c",
        "https://gitlab.com/a/b/c/-/merge_requests/3",
        "ssh://git@altssh.gitlab.com:443/A/b/c/",
    ],
)
def test_every_spelling_of_a_project_of_gitlab_is_the_same_name(text: str) -> None:
    assert parse_repository(text) == RepositoryName("gitlab.com", "a/b/c")


def test_the_api_of_an_own_github_names_the_same_repository() -> None:
    assert parse_repository("https://git.example.com/api/v3/repos/a/b") == RepositoryName("git.example.com", "a/b")
    assert parse_repository("https://gitlab.com/repos/a/b") == RepositoryName("gitlab.com", "repos/a/b")


def test_a_port_is_not_a_path_and_an_own_host_keeps_its_name() -> None:
    assert parse_repository("ssh://git@git.example.com:2222/a/b") == RepositoryName("git.example.com", "a/b")
    assert parse_repository("git@ssh.example.com:a/b.git") == RepositoryName("ssh.example.com", "a/b")
    assert parse_repository("https://git.xn--bcher-kva/a/b") == RepositoryName("git.xn--bcher-kva", "a/b")


@pytest.mark.parametrize("text", ["git@work:octo-org/octo-repo.git", "ssh://git@github-work/octo-org/octo-repo.git"])
def test_an_ssh_alias_without_a_dot_is_no_forge(text: str) -> None:
    with pytest.raises(BadInputError, match="host/owner/name"):
        parse_repository(text)


@pytest.mark.parametrize(
    "text", ["", "repo", "https://github.com/", "github.com/", "/", "github.com/octo-org/octo\0repo", "https://[a/b/c"]
)
def test_an_invalid_repository_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="host/owner/name"):
        parse_repository(text)


def test_names_hash_equally_within_an_organization_and_differently_across() -> None:
    assert Hasher(b"one").commit("ABC") == Hasher(b"one").commit("abc")
    assert Hasher(b"one").commit("abc") != Hasher(b"two").commit("abc")


def test_a_name_of_one_kind_never_hashes_like_the_same_name_of_another() -> None:
    hasher = Hasher(b"one")
    assert len({hasher.commit("1"), hasher.branch("1"), hasher.number(1), hasher.session("", "1")}) == 4


def test_a_full_ref_and_a_branch_name_are_the_same_branch() -> None:
    assert Hasher(b"one").branch("refs/heads/main") == Hasher(b"one").branch("main")


def test_an_artifact_id_reads_back_from_its_text() -> None:
    artifact = Hasher(b"one").pull_request(b"r" * 32, 7)
    assert artifact_bytes(artifact_text(artifact)) == artifact


@pytest.mark.parametrize("text", ["", "a1_", "a1_zz", "b2_" + "0" * 64])
def test_a_text_that_is_no_artifact_id_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="artifact id"):
        artifact_bytes(text)


@given(st.binary(max_size=100), st.text(max_size=100))
def test_a_hash_is_hmac_sha256_of_kind_and_name(key: bytes, name: str) -> None:
    text = name.encode(errors="ignore").decode()
    expected = hmac.digest(key, f"token_event:{text}".encode(), hashlib.sha256)
    hasher = Hasher(key)
    assert hasher.reference("token_event", text) == hasher.reference("token_event", text.encode()) == expected
