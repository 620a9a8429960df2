"""The forge of a clone, guessed from the merge messages in its history."""

from collections import Counter
from collections.abc import Iterable

from vocabulary.forge import Forge
from vocabulary.merge_messages import Message, read_numbers

FORGES: tuple[Forge, ...] = ("github", "gitlab")


def guess_forge(messages: Iterable[Message]) -> Forge:
    """Return the forge with more merge messages; github if there are none."""
    seen = Counter(forge for message in messages for forge in FORGES if read_numbers(forge, message))
    return "gitlab" if seen["gitlab"] > seen["github"] else "github"
