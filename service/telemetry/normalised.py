"""What every source is read into. Clear names live in these structs only, in memory, until they are hashed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from schema.identifiers import RepositoryName
from schema.tokens import TokenCounts

# The raw fields that make a record this one and no other; see event_identity.
Identity: TypeAlias = tuple[str | int | None, ...]


class Reason(StrEnum):
    """Why a record was rejected."""

    COUNTS = "counts"
    TIME = "time"


class UnusableRecordError(Exception):
    """A record of a canonical signal whose counts or time make no sense; it is rejected alone. Never quotes a value."""

    def __init__(self, reason: Reason = Reason.COUNTS) -> None:
        super().__init__(reason)
        self.reason = reason


class Links(Struct, frozen=True, kw_only=True):
    """What is known of the work behind some tokens, strongest first (DESIGN §5)."""

    artifact: bytes | None = None
    number: int | None = None
    commit: str | None = None
    branch: str | None = None
    repository: RepositoryName | None = None


NO_LINKS = Links()


class TokenEvent(Struct, frozen=True, kw_only=True):
    """One model request (or one bucket of them); `identity` makes it count once.

    `anonymous` says that nothing in the identity tells whose it is, `remembered` that it may be told again at any time
    and must be known for as long as it counts.
    """

    source: str
    identity: Identity
    occurred_at: datetime
    tokens: TokenCounts
    provider: str = ""
    model: str = ""
    context_tier: str = ""
    workflow: str = ""
    prompt_template: str = ""
    team: str | None = None
    session: str | None = None
    links: Links = NO_LINKS
    anonymous: bool = False
    remembered: bool = False


class SessionEvidence(Struct, frozen=True, kw_only=True):
    """That a session was on a branch, or made a commit, at an instant."""

    source: str
    session: str
    occurred_at: datetime
    links: Links


class Readings(Struct, frozen=True):
    """What one body says, and how many records had to be rejected for which reason."""

    events: Sequence[TokenEvent] = ()
    evidence: Sequence[SessionEvidence] = ()
    rejections: Mapping[Reason, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Records rejected for any reason."""
        return sum(self.rejections.values())
