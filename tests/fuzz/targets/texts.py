"""Texts that people write at forges: owners, tags, messages, titles, addresses, and names of models."""

from collections.abc import Callable, Iterator
from typing import get_args

from schema.errors import BadInputError
from schema.identifiers import Hasher, parse_repository
from tests.fuzz.inputs import WORDS, Choices
from tests.fuzz.target import Target
from vocabulary.code_owners import rank_teams, read_code_owners
from vocabulary.forge import Forge
from vocabulary.labels import digest_labels
from vocabulary.merge_messages import Message, read_numbers
from vocabulary.merge_references import number_in
from vocabulary.model_keys import find_model, model_key
from vocabulary.model_names import model_family, model_name
from vocabulary.package_folders import manifest_name
from vocabulary.reverts import read_message, read_pull_request
from vocabulary.service_tiers import service_tier
from vocabulary.tag_names import read_tag
from workers.forge_events.reading import host_of

FORGES: tuple[Forge, ...] = get_args(Forge)
HASHER = Hasher(b"a key of the fuzzer, 32 bytes ..")
GLOBS = ("a", "b", "/", "*", "**", "**/", "?", "\\", "[", " @a/b\n", "\n", "!", "[x]\n", " ", "#", "*a", "?*", "é")
URLS = (
    *(
        "https://",
        "ssh://",
        "git@",
        "github.com",
        "gitlab.com",
        ":",
        "/",
        "a",
        "b",
        "@",
        "[",
        "]",
        ".git",
        "?",
        "#",
        "%",
    ),
    *("..", "api/v3/repos/", "/-/", "localhost", "github.com-work", "\0", " ", "::1", "é", "xn--", "8443"),
)
TAGS = ("v", "1", ".", "-", "_", "/", "@", "rc", "beta", "0", "2026", "+", "release", "latest", "a", "é", "20261130")
MODELS = (
    *("claude", "-", "sonnet", "4", "5", ".", "@", ":", "gpt", "o3", "gemini", "arn:aws:bedrock:", "/", "us.", "[1m]"),
    *("anthropic", "20250929", "latest", "nova", "mini", "v1:0", "é"),
)


def _code_owners(data: bytes) -> None:
    choices = Choices(data)
    forge = choices.one(FORGES)
    path = choices.text(("a", "b", "/", "a/", "é"))[:4096]
    rank_teams(read_code_owners(choices.lines(GLOBS), forge), ["a/b", path])


def _tags(data: bytes) -> None:
    name = read_tag(Choices(data).lines(TAGS))
    assert name.version is None or name.version == name.version


def _messages(data: bytes) -> None:
    choices = Choices(data)
    forge = choices.one(FORGES)
    subject, body = choices.text(), choices.lines()
    for number in read_numbers(forge, Message("a" * 40, subject.partition("\n")[0], body)):
        assert number.number > 0
    number_in(subject)


def _reverts(data: bytes) -> None:
    choices = Choices(data)
    title, body = choices.text(), choices.lines()
    read_pull_request(title, body, title[:100])
    read_message(body)


def _repositories(data: bytes) -> None:
    text = Choices(data).lines(URLS)
    host_of(text, "github.com")
    try:
        name = parse_repository(text, "github.com")
    except BadInputError:
        return
    assert "/" in name.path
    HASHER.repository_by_name(name)


def _models(data: bytes) -> None:
    choices = Choices(data)
    text, provider = choices.lines(MODELS), choices.text(MODELS)
    name = model_name(text, provider)
    model_family(name.model)
    model_key(find_model(text))
    service_tier(text, provider)
    digest_labels([text, provider])
    manifest_name([text])


def _seeds(*texts: str) -> Callable[[], Iterator[bytes]]:
    def seeds() -> Iterator[bytes]:
        yield b""
        # A first choice of 0 at `lines` takes what follows as it is.
        for text in texts:
            yield bytes([0, 0, 0]) + text.encode()
            yield bytes([0, 0]) + text.encode()
            yield bytes([1, 0, 0, 0]) + text.encode()
        # Some that repeat one word.
        for word in range(len(WORDS)):
            yield bytes([0, 4, word, 1, 7, 4, word, 1, 0, word, 1, 7, 3, 0])

    return seeds


TARGETS = (
    Target("code_owners", _code_owners, _seeds("* @a/b\n/docs/**/x* @a/c\n[Section][2] @a/d\n!/docs/\n"), 1024),
    Target("tags", _tags, _seeds("v1.2.3-rc.1", "@scope/pkg@1.0.0", "release-2026-11-30", "api/v0.1"), 512),
    Target(
        "messages",
        _messages,
        _seeds("Merge pull request #1 from a/b\n\nCloses #2 from a/b\nPR-URL: https://github.com/a/b/pull/3", "x (#1)"),
        1024,
    ),
    Target(
        "reverts", _reverts, _seeds('Revert "x (#1)"\n\nThis reverts commit abcdef0, and #2.', "Reverts a/b#1"), 1024
    ),
    Target("repositories", _repositories, _seeds("git@github.com:a/b.git", "https://gitlab.com/a/b/-/tree/x"), 512),
    Target("models", _models, _seeds("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "gpt-5-mini", "arn:aws:x"), 512),
)
