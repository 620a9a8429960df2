"""Walks over a commit graph. Pure."""

from collections.abc import Iterator, Mapping

from service.imports.git.log import Commit


def unseen_ancestors(commits: Mapping[str, Commit], start: str, seen: set[str]) -> Iterator[str]:
    """Yield the commit and its ancestors that are not in `seen`, and add them to it."""
    stack = [start]
    while stack:
        sha = stack.pop()
        if sha in seen or sha not in commits:
            continue
        seen.add(sha)
        yield sha
        stack.extend(commits[sha].parents)


def first_parents(commits: Mapping[str, Commit], start: str, until: set[str]) -> Iterator[str]:
    """Yield the commit and its first parents, newest first, up to any in `until`."""
    sha = start
    while sha in commits and sha not in until:
        yield sha
        if not commits[sha].parents:
            return
        sha = commits[sha].parents[0]
