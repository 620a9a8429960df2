"""Remotes are reduced to host/owner/name, as the service reads them."""

import pytest

from schema.identifiers import parse_repository
from service.link.git_facts import reduced


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/octo-org/octo-repo",
        "https://github.com/octo-org/octo-repo.git/",
        "https://ada:CANARY@github.com/octo-org/octo-repo.git",
        "https://ada:CANARY@x@github.com:443/octo-org/octo-repo.git",
        "git@github.com:octo-org/octo-repo.git",
        "github.com:octo-org/octo-repo",
        "ssh://git@github.com:22/octo-org/octo-repo.git",
        "ssh://git@github.com/octo-org/octo-repo",
        "git://github.com/octo-org/octo-repo.git",
        "git+ssh://git@github.com/octo-org/octo-repo.git",
    ],
)
def test_all_forms_of_a_remote_name_the_same_repository(remote: str) -> None:
    assert reduced(remote) == "github.com/octo-org/octo-repo"


@pytest.mark.parametrize(
    ("remote", "repository"),
    [
        ("git@gitlab.example.com:group/sub/name.git", "gitlab.example.com/group/sub/name"),
        ("https://gitlab.example.com:8443/group/name.git", "gitlab.example.com/group/name"),
        ("http://localhost:3000/octo-org/octo-repo", "localhost/octo-org/octo-repo"),
    ],
)
def test_groups_ports_and_other_hosts_are_read_as_the_service_reads_them(remote: str, repository: str) -> None:
    assert reduced(remote) == repository
    assert parse_repository(repository) == parse_repository(remote)


@pytest.mark.parametrize(
    "remote",
    ["", "/srv/git/repo.git", "../repo", "file:///srv/repo.git", "C:\\repo", "https://github.com/", "github.com:name"],
)
def test_what_is_on_this_machine_has_no_name(remote: str) -> None:
    assert reduced(remote) == ""
