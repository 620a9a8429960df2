"""The Git commands in what an agent gave to a shell: what each does, and in which folder."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

# Longer commands hold files and messages.
LONGEST_COMMAND = 20_000
# A first look that costs nothing.
MENTIONS = re.compile(rb"\bgit\b|\bgh pr create\b|\bglab mr create\b")

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1.*?^\s*\2\s*$", re.DOTALL | re.MULTILINE)
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")", "\n"})
_NEW_BRANCH = {"-b", "-B", "-c", "-C", "--create", "--force-create", "--orphan"}
_WITH_VALUE = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"}


class Act(StrEnum):
    """What a command does."""

    CHECKOUT = "checkout"
    WORKTREE = "worktree"
    COMMIT = "commit"
    PUSH = "push"
    OPEN = "open"


class GitCommand(NamedTuple):
    """An act, the folder it was given in, the branch that it names, and the folder of a new worktree."""

    act: Act
    folder: str
    branch: str | None = None
    worktree: str | None = None


def git_commands(text: str, folder: str) -> list[GitCommand]:
    """Return the Git commands of a text for a shell that was started in a folder; `cd` and `-C` are followed."""
    found: list[GitCommand] = []
    for words in _simple_commands(text[:LONGEST_COMMAND]):
        if words[0] == "cd" and len(words) > 1:
            folder = _joined(folder, words[1])
        elif words[0] == "git":
            found += _of_git(words[1:], folder)
        elif words[:3] in (["gh", "pr", "create"], ["glab", "mr", "create"]):
            found.append(GitCommand(Act.OPEN, folder, _option(words, "--head", "-H", "--source-branch", "-s")))
    return found


def _simple_commands(text: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(_HEREDOC.sub(" ", text).replace("\n", " ; "), posix=True, punctuation_chars="();|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if word in _SEPARATORS or set(word) <= set("();|&"):
                if words:
                    yield words
                words = []
            elif words or "=" not in word.partition("/")[0]:
                words.append(word)
    except ValueError:
        return
    if words:
        yield words


def _of_git(words: list[str], folder: str) -> Iterator[GitCommand]:
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] == "-C" and place + 1 < len(words):
            folder = _joined(folder, words[place + 1])
        place += 2 if words[place] in _WITH_VALUE else 1
    if place >= len(words):
        return
    command, rest = words[place], words[place + 1 :]
    match command:
        case "checkout" | "switch":
            named = _option(rest, *_NEW_BRANCH)
            plain = [word for word in rest if not word.startswith("-")]
            if named is None and command == "switch" and len(plain) == 1:
                named = plain[0]
            yield GitCommand(Act.CHECKOUT, folder, named)
        case "worktree" if rest[:1] == ["add"]:
            yield from _worktree(rest[1:], folder)
        case "commit":
            yield GitCommand(Act.COMMIT, folder)
        case "push":
            yield GitCommand(Act.PUSH, folder)


def _worktree(words: list[str], folder: str) -> Iterator[GitCommand]:
    branch = _option(words, "-b", "-B")
    plain = [
        word for place, word in enumerate(words) if not word.startswith("-") and words[place - 1] not in _NEW_BRANCH
    ]
    if plain:
        named = branch or (plain[1] if len(plain) > 1 else posixpath.basename(plain[0].rstrip("/")))
        yield GitCommand(Act.WORKTREE, folder, named.removeprefix("origin/"), _joined(folder, plain[0]))


def _option(words: list[str], *names: str) -> str | None:
    for place, word in enumerate(words):
        if word in names and place + 1 < len(words):
            return words[place + 1].rpartition(":")[2]
        name, equals, value = word.partition("=")
        if equals and name in names:
            return value
    return None


def _joined(folder: str, path: str) -> str:
    """Return a path as seen from a folder; `~` and variables stay, as they name no folder here."""
    return posixpath.normpath(posixpath.join(folder, path)) if folder or posixpath.isabs(path) else path
