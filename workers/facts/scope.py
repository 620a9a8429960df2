"""What facts of one forge are recorded in: the transaction, the hasher, and changes so far."""

from dataclasses import dataclass, field

from schema.database import Tenant
from schema.encryption import Vault
from schema.identifiers import Hasher, RepositoryName
from workers.facts.changes import Changes
from workers.facts.enrichment_candidates import EnrichmentCandidates


@dataclass(slots=True)
class ForgeScope:
    """One forge's part of a transaction opened by `recording`.

    `anchors` are the artifacts of the repositories known so far. `names` seals names for later requests to the forge;
    `shows_labels` is whether the organization shows names. `new` and `changed` are pull requests and releases with
    newly recorded facts.
    """

    tenant: Tenant
    hasher: Hasher
    forge: str
    names: Vault
    shows_labels: bool
    changes: Changes = field(default_factory=Changes)
    enrichment_candidates: EnrichmentCandidates = field(default_factory=EnrichmentCandidates)
    anchors: dict[RepositoryName, bytes] = field(default_factory=dict)
    new: set[bytes] = field(default_factory=set)
    changed: set[bytes] = field(default_factory=set)

    def label(self, name: RepositoryName, rest: str) -> str | None:
        """Return `name#123` or `name@tag` if the organization shows names."""
        return f"{name.path}{rest}".replace("\0", "") if self.shows_labels else None
