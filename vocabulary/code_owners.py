"""Which teams own a path by a CODEOWNERS file, under the rules of GitHub or GitLab. Pure.

Only handles of teams and subgroups are read (`@org/team`), because any other handle may be a person's.

References: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
and https://docs.gitlab.com/user/project/codeowners/reference/
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from vocabulary.forge import Forge
from vocabulary.path_patterns import Part, PathPattern, Wildcard, path_pattern, read_parts

# Where each forge looks for the file; the first one found counts.
PLACES: dict[Forge, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}

_TEAM = re.compile(r"@[^\s@/]+(?:/[^\s@/]+)+")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:[\s#].*)?)")
# A path ends at the first unescaped whitespace.
_PATH = re.compile(r"(?:\\.|[^\s\\])+")


class Rule(NamedTuple):
    """A path pattern and the teams that own matching paths; an exclusion removes them from its section for good."""

    pattern: PathPattern
    teams: frozenset[str]
    is_exclusion: bool = False


# The rules of each section in file order; a file without sections counts as one section.
CodeOwners: TypeAlias = Sequence[Sequence[Rule]]


def read_code_owners(text: str, forge: Forge) -> CodeOwners:
    """Parse the rules of a file and skip unreadable lines."""
    sections: dict[str, list[Rule]] = {"": []}
    name, default = "", frozenset[str]()
    for line in map(str.strip, text.removeprefix("\ufeff").splitlines()):
        if not line or line.startswith("#"):
            continue
        header = _SECTION.fullmatch(line) if forge == "gitlab" else None
        if header:
            name, default = header["name"].strip().casefold(), _teams(header["owners"].split("#")[0])
            sections.setdefault(name, [])
            continue
        is_exclusion = forge == "gitlab" and line.startswith("!")
        path = _PATH.match(line.removeprefix("!") if is_exclusion else line)
        if path is None:
            continue
        owners = line[path.end() + is_exclusion :].split("#")[0]
        teams = _teams(owners) if owners.strip() else default
        sections[name].append(Rule(_pattern(path[0], forge), teams, is_exclusion))
    return tuple(tuple(rules) for rules in sections.values())


def owning_teams(owners: CodeOwners, path: str) -> frozenset[str]:
    """Return the teams that own a path, in lower case: those of the last matching rule in each section."""
    return frozenset[str]().union(*(_last(rules, path) for rules in owners))


def rank_teams(owners: CodeOwners, paths: Iterable[str]) -> list[str]:
    """Return the teams that own any of the paths, sorted by number of paths (most first), then by name."""
    counted = Counter(team for path in paths for team in owning_teams(owners, path))
    return sorted(counted, key=lambda team: (-counted[team], team))


def _last(rules: Sequence[Rule], path: str) -> frozenset[str]:
    found = frozenset[str]()
    for rule in rules:
        if rule.pattern.matches(path):
            if rule.is_exclusion:
                return frozenset()
            found = rule.teams
    return found


def _teams(text: str) -> frozenset[str]:
    return frozenset(each.lower() for each in text.split() if _TEAM.fullmatch(each))


def _pattern(path: str, forge: Forge) -> PathPattern:
    """Read a pattern that matches whole paths from the root of the repository.

    GitHub follows gitignore: a slash inside the pattern anchors it at the root, and a folder includes its contents.
    GitLab anchors only at a leading slash, and a folder ends in a slash.
    """
    inner = path.removeprefix("/")
    is_folder = inner.endswith("/")
    inner = inner.removesuffix("/")
    is_anchored = path.startswith("/") or (forge == "github" and "/" in inner)
    matches_within = forge == "github" and not inner.endswith("/*")
    parts: list[Part] = [] if is_anchored else [Wildcard.ANY_FOLDERS]
    parts += read_parts(inner)
    if is_folder:
        parts += ["/", Wildcard.EVERYTHING]
    return path_pattern(parts, within=matches_within and not is_folder)
