import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.code_owners import owning_teams, read_code_owners
from vocabulary.path_patterns import Part, Wildcard, path_pattern, read_parts

EXPRESSIONS = {
    Wildcard.ANY_FOLDERS: "(?:.*/)?",
    Wildcard.EVERYTHING: ".*",
    Wildcard.SOME: "[^/]*",
    Wildcard.ONE: "[^/]",
}


def expected(parts: list[Part], path: str, *, within: bool) -> bool:
    text = "".join(EXPRESSIONS[each] if isinstance(each, Wildcard) else re.escape(each) for each in parts)
    return re.fullmatch(f"{text}(?:/.*)?" if within else text, path, re.DOTALL) is not None


@given(
    st.text("ab/*?\\", max_size=9),
    st.lists(st.text("ab/\n", max_size=8), min_size=1, max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_a_pattern_matches_what_its_regular_expression_matches(
    text: str, paths: list[str], within: bool, anywhere: bool
) -> None:
    parts = [*([Wildcard.ANY_FOLDERS] if anywhere else []), *read_parts(text)]
    pattern = path_pattern(parts, within=within)
    for path in paths:
        assert pattern.matches(path) is expected(parts, path, within=within), (text, path)


def test_a_backslash_makes_a_wildcard_plain() -> None:
    assert read_parts(r"a\*?**/*") == ["a", "*", Wildcard.ONE, Wildcard.ANY_FOLDERS, Wildcard.SOME]


@pytest.mark.parametrize(
    "pattern", ["*a" * 60, "**/a" * 60, "**a" * 60, "a/**/" * 60 + "b", "/" + "*?" * 60, "**/*" * 40]
)
@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_no_pattern_that_anybody_may_push_takes_longer_than_its_path(pattern: str, forge: str) -> None:
    owners = read_code_owners(f"{pattern}c @org/team\n", "github" if forge == "github" else "gitlab")
    begun = time.thread_time()
    for path in ("a" * 4000, "a/" * 2000, "a" * 4000 + "/c"):
        owning_teams(owners, path)
    assert time.thread_time() - begun < 1
