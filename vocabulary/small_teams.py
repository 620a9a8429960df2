"""What is said of a team with so few people that its figures would be those of one or two. Pure."""

from collections.abc import Mapping
from typing import Final

# How an alert begins that may not say how much.
_ALERTS: Final[Mapping[str, str]] = {
    "rise": "Spend of {whom} rose",
    "reasoning_share": "The share of reasoning of {whom} rose",
    "input_growth": "The prompts of {whom} grew",
    "cache_share": "The share of cached tokens of {whom} fell",
    "linked_share": "The share of linked tokens of {whom} fell",
    "policy": "Spend of {whom} was outside a policy",
    "silence": "Telemetry of {whom} fell silent",
    "budget": "A budget of {whom} needs a look",
}
_OTHER: Final = "Spend of {whom} needs a look"


def is_small(size: int | None, people: int) -> bool:
    """Return whether a team has a known size below the threshold."""
    return size is not None and size < people


def too_few_people(people: int) -> str:
    """Return the reason to withhold the figures of a small team."""
    return f"the team has fewer than {people} people"


def withheld_alert(kind: str, subject: str, team: str, reason: str) -> str:
    """Return an alert of a small team in words, without a figure."""
    whom = f"team {team}"
    about = "" if subject == whom else f" ({subject})"
    return f"{_ALERTS.get(kind, _OTHER).format(whom=whom)}{about}. Its figures are withheld, because {reason}."
