"""What facts made known that a forge can tell more of."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class EnrichmentCandidates:
    """Artifact ids of merged pull requests, of those that `ended` just now, and of releases.

    `releases` are new or others than before, `changed` those that ship no more or something else, and of these `moved`
    are on another commit.
    """

    merged: set[bytes] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)
    releases: set[bytes] = field(default_factory=set)
    changed: set[bytes] = field(default_factory=set)
    moved: set[bytes] = field(default_factory=set)
