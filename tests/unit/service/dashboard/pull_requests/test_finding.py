"""A search understands what people paste: ids, numbers, names, addresses."""

import pytest

from schema.identifiers import RepositoryName
from service.dashboard.components.repositories import repository_id
from service.dashboard.pull_requests.finding import Sought, read_sought

ID = "a1_" + "0f" * 32
AT_BOTH = tuple(RepositoryName(host, "acme/web") for host in ("github.com", "gitlab.com"))


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        (ID, Sought(artifact_id=bytes.fromhex("0f" * 32))),
        (f" {ID.upper()} ", Sought(artifact_id=bytes.fromhex("0f" * 32))),
        ("7", Sought(number=7)),
        ("#7", Sought(number=7)),
        ("!7", Sought(number=7)),
        ("web#7", Sought(number=7, label="web")),
        ("Web", Sought(label="web")),
        ("acme/web#7", Sought(number=7, repositories=AT_BOTH)),
        ("acme/web", Sought(repositories=AT_BOTH)),
        ("https://github.com/Acme/Web/pull/7/files", Sought(number=7, repositories=AT_BOTH[:1])),
        ("https://gitlab.com/acme/web/-/merge_requests/7", Sought(number=7, repositories=AT_BOTH[1:])),
        ("/", Sought()),
    ],
)
def test_each_form_is_understood(text: str, sought: Sought) -> None:
    assert read_sought(text) == sought


def test_only_a_whole_id_names_a_repository_by_id() -> None:
    assert repository_id(ID) == bytes.fromhex("0f" * 32)
    assert repository_id("a1_0f") is None
    assert repository_id("acme/web") is None
