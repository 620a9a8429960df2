"""Which numbers on a mainline are the repository's own. Pure.

A repository that was forked for good carries the numbers of the other one in its history, and counts from 1 again. A
commit that was taken over names a pull request of another repository in its trailer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

# Numbers on both sides of a place that are compared.
WINDOW = 5
FEWEST = 3
# So few numbers after a fall must begin near 1; more may begin anywhere.
FEW, NEAR_ONE = 8, 10
# Numbers that may be merged out of order where a repository got another name.
SLACK = 200


def own_numbers_begin(numbers: Sequence[int]) -> int:
    """Return the place from which on the numbers, in the order of their merges, are of the repository's last count.

    Numbers rise, but for pull requests that were open for long. A count that begins again falls below half of what was
    reached, rises from there, and does not return at once.
    """
    for place in range(len(numbers) - FEWEST, 0, -1):
        if (
            numbers[place] * 2 < numbers[place - 1]
            and (level := _level(numbers, place))
            and _rises(numbers, place, level)
        ):
            return place
    return 0


def taken_over(numbers: Sequence[int], begin: int) -> set[int]:
    """Return the places after the own numbers began where a commit of the other repository was taken over."""
    if begin == 0:
        return set()
    level, highest, found = _level(numbers, begin), numbers[begin], set[int]()
    for place in range(begin, len(numbers)):
        if numbers[place] >= level > highest * 2 and _is_alone(numbers, place, level):
            found.add(place)
        else:
            highest = max(highest, numbers[place])
    return found


def _is_alone(numbers: Sequence[int], place: int, level: int) -> bool:
    """Return whether the numbers after a high one are low again."""
    after = numbers[place + 1 : place + 1 + WINDOW]
    return not after or 2 * sum(number * 2 < level for number in after) > len(after)


def _level(numbers: Sequence[int], place: int) -> int:
    """Return what was reached before a place; the highest number may be a mistake, so the next one counts."""
    before = sorted(numbers[max(0, place - WINDOW) : place])
    return before[-2] if len(before) > 1 else before[-1]


def _rises(numbers: Sequence[int], place: int, level: int) -> bool:
    # A high number between low ones was taken over; the count began before it.
    if place > 1 and numbers[place - 2] * 2 < level:
        return False
    after = [number for number in numbers[place : place + 2 * WINDOW] if number < level][:WINDOW]
    if len(after) < min(FEWEST, len(numbers) - place):
        return False
    highest = max(after)
    rising = sum(later > earlier for earlier, later in pairwise(after))
    if highest * 2 >= level or rising * 2 < len(after) - 1:
        return False
    for later in range(place, len(numbers)):
        if (number := numbers[later]) > highest:
            if number >= level and not _is_alone(numbers, later, level):
                return False
            highest = number if number < level else highest
        if highest * 2 >= level:
            return True
    return len(numbers) - place >= FEW or min(after) <= NEAR_ONE


def own_places(named: Iterable[tuple[int, str | None]], path: str) -> set[str]:
    """Return the names of the repository `path` in trailers: its own, and one that it had before or has since.

    `named` are numbers and the repositories that name them, in the order of their merges. Another name is the same
    repository if it is never used among trailers of its own, and its numbers go on where the others end.
    """
    spans = defaultdict[str, list[tuple[int, int]]](list)
    for position, (number, place) in enumerate(named):
        if place is not None:
            spans["" if is_own(place, path) else place].append((position, number))
    own = spans.pop("", [])
    return {place for place, other in spans.items() if own and (_goes_on(other, own) or _goes_on(own, other))}


def is_own(place: str, path: str) -> bool:
    """Return whether a name is that of the repository, which a forge under a path has behind that path."""
    return place == path or path.endswith(f"/{place}") or place.endswith(f"/{path}")


def _goes_on(first: Sequence[tuple[int, int]], then: Sequence[tuple[int, int]]) -> bool:
    if first[-1][0] > then[0][0]:
        return False
    return max(number for _, number in first) <= min(number for _, number in then) + SLACK
