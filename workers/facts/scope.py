"""What facts of one forge are recorded in: the transaction, the hasher of names, and what changed so far."""

from dataclasses import dataclass, field

from schema.database import Tenant
from schema.encryption import Vault
from schema.identifiers import Hasher, RepositoryName
from workers.facts.changes import Changes
from workers.facts.enrichment_candidates import EnrichmentCandidates


@dataclass(slots=True)
class ForgeScope:
    """One forge's part of a transaction that `recording` opened.

    `anchors` are the artifacts of the repositories that are known by now. `names` seals the names of what a forge will
    be asked for later; `shows_labels` is whether the organization wants to read names. `new` and `changed` are the pull
    requests and releases of which something was recorded that was not known.
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
        """`name#123` or `name@tag`, where the organization wants to read names."""
        return f"{name.path}{rest}".replace("\0", "") if self.shows_labels else None
