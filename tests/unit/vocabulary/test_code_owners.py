"""Which teams own a path, as a CODEOWNERS file says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.code_owners import owning_teams, rank_teams, read_code_owners
from vocabulary.forge import Forge

NAMES = st.text("abc.-_ ", min_size=1, max_size=4).filter(lambda name: name.strip() == name)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def escaped(path: str) -> str:
    return path.replace(" ", "\\ ")


def owns(pattern: str, path: str, forge: Forge = "github") -> bool:
    return owning_teams(read_code_owners(f"{pattern} @acme/team", forge), path) == {"@acme/team"}


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "deep/in/here.py", True),
        ("*.js", "web/app.js", True),
        ("*.js", "web/app.jsx", False),
        ("/build/logs/", "build/logs/today/one", True),
        ("/build/logs/", "more/build/logs/one", False),
        ("docs/*", "docs/start.md", True),
        ("docs/*", "docs/build/start.md", False),
        ("docs/*", "more/docs/start.md", False),
        ("apps/", "web/apps/one.py", True),
        ("apps/", "apps", False),
        ("/apps/github", "apps/github/one.py", True),
        ("**/logs", "build/logs/one", True),
        ("**/logs", "logs/one", True),
        ("/apps/**/test.py", "apps/test.py", True),
        ("/apps/**/test.py", "apps/one/two/test.py", True),
        ("/a?c", "abc", True),
        ("/a?c", "a/c", False),
        ("/with\\ blank", "with blank", True),
        ("\\#one", "#one", True),
        ("/plain.py", "plainxpy", False),
    ],
)
def test_github_s_patterns_are_those_of_gitignore(pattern: str, path: str, owned: bool) -> None:
    assert owns(pattern, path) is owned


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "deep/in/here.py", True),
        ("README.md", "docs/README.md", True),
        ("internal/README.md", "docs/internal/README.md", True),
        ("/internal/README.md", "docs/internal/README.md", False),
        ("/docs/", "docs/deep/one.md", True),
        ("/docs/*", "docs/deep/one.md", False),
        ("/docs/**/*.md", "docs/one.md", True),
        ("/docs", "docs/one.md", False),
    ],
)
def test_gitlab_s_patterns_anchor_by_a_leading_slash_alone(pattern: str, path: str, owned: bool) -> None:
    assert owns(pattern, path, "gitlab") is owned


def test_the_last_match_counts_even_if_it_has_no_owner() -> None:
    owners = read_code_owners("* @acme/all\n\n# web\n/web/ @Acme/Web @acme/design # both\n/web/generated/", "github")
    assert owning_teams(owners, "server.py") == {"@acme/all"}
    assert owning_teams(owners, "web/page.ts") == {"@acme/web", "@acme/design"}
    assert owning_teams(owners, "web/generated/page.ts") == frozenset()


def test_people_own_nothing_here() -> None:
    owners = read_code_owners("* @CANARY-login CANARY@example.com @acme/all", "github")
    assert owning_teams(owners, "one") == {"@acme/all"}


GITLAB = """
* @acme/all
[Web][2] @acme/web
/web/
/web/api/ @acme/api
!/web/vendor/
^[Docs] @acme/docs
*.md
[WEB]
/web/legal/ @acme/legal
"""


def test_a_byte_order_mark_and_comments_on_section_headers_mean_nothing() -> None:
    assert owning_teams(read_code_owners("\ufeff* @acme/team", "github"), "one.py") == {"@acme/team"}
    text = "\ufeff[Web][2] @acme/web # not @acme/former\n*.js\n^[Docs] # @acme/former\n*.md\n[Code]#@acme/former\n*.py"
    owners = read_code_owners(text, "gitlab")
    assert owning_teams(owners, "app.js") == {"@acme/web"}
    assert owning_teams(owners, "start.md") == owning_teams(owners, "app.py") == frozenset()


def test_each_section_of_gitlab_has_owners_of_its_own() -> None:
    owners = read_code_owners(GITLAB, "gitlab")
    assert owning_teams(owners, "web/page.ts") == {"@acme/all", "@acme/web"}
    assert owning_teams(owners, "web/api/page.ts") == {"@acme/all", "@acme/api"}
    assert owning_teams(owners, "web/read.md") == {"@acme/all", "@acme/web", "@acme/docs"}
    assert owning_teams(owners, "web/vendor/page.ts") == {"@acme/all"}
    assert owning_teams(owners, "web/legal/page.ts") == {"@acme/all", "@acme/legal"}


def test_teams_of_most_paths_come_first() -> None:
    owners = read_code_owners("/a/ @acme/a\n/b/ @acme/b\n/c/ @acme/b @acme/c", "github")
    assert rank_teams(owners, ["a/1", "b/1", "c/1", "elsewhere"]) == ["@acme/b", "@acme/a", "@acme/c"]
    assert rank_teams(owners, []) == []


@given(PATHS, st.sampled_from(["github", "gitlab"]))
def test_a_path_matches_itself_and_everything_above_it_owns_it(path: str, forge: Forge) -> None:
    assert owns(f"/{escaped(path)}", path, forge)
    folder = path.rpartition("/")[0]
    if folder:
        assert owns(f"/{escaped(folder)}/", path, forge)
        assert not owns(f"/{escaped(folder)}/", folder, forge)


@given(st.text(max_size=60), PATHS, st.sampled_from(["github", "gitlab"]))
def test_any_text_can_be_read_and_names_only_teams(text: str, path: str, forge: Forge) -> None:
    for team in owning_teams(read_code_owners(text, forge), path):
        assert re.fullmatch(r"@[^\s/]+/\S+", team)


@given(st.lists(st.tuples(PATHS, st.sampled_from(["@o/a", "@o/b", ""])), max_size=6), PATHS)
def test_rules_before_the_last_match_do_not_matter(rules: list[tuple[str, str]], path: str) -> None:
    lines = [f"/{escaped(each)} {team}" for each, team in rules]
    last = f"/{escaped(path)} @o/last"
    owners = read_code_owners("\n".join([*lines, last]), "github")
    assert owning_teams(owners, path) == {"@o/last"}
