"""What recorded facts make worth enriching."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class EnrichmentCandidates:
    """Artifact ids of merged pull requests, of pull requests that `ended` just now, and of releases.

    `releases` are new or changed, `changed` ship nothing or something else now, and the `moved` among them are on
    another commit.
    """

    merged: set[bytes] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)
    releases: set[bytes] = field(default_factory=set)
    changed: set[bytes] = field(default_factory=set)
    moved: set[bytes] = field(default_factory=set)
