"""Which teams own a path, as a CODEOWNERS file says: pure, by the rules of GitHub or of GitLab.

Only handles of teams and of groups within groups are read, `@org/team`: any other may be a person's.

References: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
and https://docs.gitlab.com/user/project/codeowners/reference/
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from schema.contracts.values import Forge

# Where each forge looks for the file; the first that exists counts.
PLACES: dict[Forge, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}

_TEAM = re.compile(r"@[^\s@/]+(?:/[^\s@/]+)+")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)")
# A path ends at the first blank that is not escaped.
_PATH = re.compile(r"(?:\\.|[^\s\\])+")
_PIECE = re.compile(r"(?P<any_folders>\*\*/)|(?P<everything>\*\*)|(?P<some>\*)|(?P<one>\?)|\\(?P<plain>.)|(?P<other>.)")
_MEANING = {"any_folders": "(?:.*/)?", "everything": ".*", "some": "[^/]*", "one": "[^/]"}


class Rule(NamedTuple):
    """Paths and the teams that own them; an exclusion takes paths from its section for good."""

    pattern: re.Pattern[str]
    teams: frozenset[str]
    is_exclusion: bool = False


# The rules of each section, in the order of the file; a file without sections is one.
CodeOwners: TypeAlias = Sequence[Sequence[Rule]]


def read_code_owners(text: str, forge: Forge) -> CodeOwners:
    """The rules of a file; lines that cannot be read own nothing."""
    sections: dict[str, list[Rule]] = {"": []}
    name, default = "", frozenset[str]()
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        header = _SECTION.fullmatch(line) if forge == "gitlab" else None
        if header:
            name, default = header["name"].strip().casefold(), _teams(header["owners"])
            sections.setdefault(name, [])
            continue
        is_exclusion = forge == "gitlab" and line.startswith("!")
        path = _PATH.match(line.removeprefix("!") if is_exclusion else line)
        if path is None:
            continue
        reported = line[path.end() + is_exclusion :].split("#")[0]
        teams = _teams(reported) if reported.strip() else default
        sections[name].append(Rule(_pattern(path[0], forge), teams, is_exclusion))
    return tuple(tuple(rules) for rules in sections.values())


def owning_teams(owners: CodeOwners, path: str) -> frozenset[str]:
    """The teams that own a path: in each section those of the last rule that matches, in lower case."""
    return frozenset[str]().union(*(_last(rules, path) for rules in owners))


def rank_teams(owners: CodeOwners, paths: Iterable[str]) -> list[str]:
    """The teams that own any of the paths: those of most paths first, among equal ones by name."""
    counted = Counter(team for path in paths for team in owning_teams(owners, path))
    return sorted(counted, key=lambda team: (-counted[team], team))


def _last(rules: Sequence[Rule], path: str) -> frozenset[str]:
    found = frozenset[str]()
    for rule in rules:
        if rule.pattern.fullmatch(path):
            if rule.is_exclusion:
                return frozenset()
            found = rule.teams
    return found


def _teams(text: str) -> frozenset[str]:
    return frozenset(each.lower() for each in text.split() if _TEAM.fullmatch(each))


def _pattern(path: str, forge: Forge) -> re.Pattern[str]:
    """What a pattern matches, of whole paths from the root of the repository.

    GitHub follows gitignore: a slash within anchors at the root, and a folder stands for all in it. GitLab anchors by a
    leading slash alone, and a folder ends in one.
    """
    inner = path.removeprefix("/")
    is_folder = inner.endswith("/")
    inner = inner.removesuffix("/")
    is_anchored = path.startswith("/") or (forge == "github" and "/" in inner)
    matches_within = forge == "github" and not inner.endswith("/*")
    text = "".join(_meaning(piece) for piece in _PIECE.finditer(inner))
    tail = "/.*" if is_folder else "(?:/.*)?" if matches_within else ""
    return re.compile(f"{'' if is_anchored else '(?:.*/)?'}{text}{tail}", re.DOTALL)


def _meaning(piece: re.Match[str]) -> str:
    kind = piece.lastgroup or "other"
    return _MEANING.get(kind) or re.escape(piece[kind])
