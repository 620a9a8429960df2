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


class TokenEvent(Struct, frozen=True, gc=False):
    """One model request (or one bucket of them); `identity` makes it count once.

    `anonymous` says that nothing in the identity tells whose it is, `remembered` that it may be told again at any time
    and must be known for as long as it counts. `request` is the provider's own id of the request, `duration_ms` how
    long it took where that is told. One that `failed` may have no tokens, and then only counts as a failed request.
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
    request: str | None = None
    duration_ms: int | None = None
    failed: bool = False


class SessionEvidence(Struct, frozen=True, kw_only=True):
    """That a session was on a branch, or made a commit, at an instant."""

    source: str
    session: str
    occurred_at: datetime
    links: Links


class Teller(StrEnum):
    """A signal that may tell the same tokens as another of the same service; see tallies."""

    SPANS = "spans"
    COUNTERS = "counters"
    HISTOGRAM = "histogram"


class Part(StrEnum):
    """What a metric series counts: a whole, a part within a whole, or a kind beside fresh input."""

    INPUT = "input"
    OUTPUT = "output"
    READ_OF_INPUT = "read_of_input"
    WRITTEN_OF_INPUT = "written_of_input"
    REASONING_OF_OUTPUT = "reasoning_of_output"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"


class SpanReading(Struct, frozen=True, kw_only=True):
    """A request told by a span of a service whose metrics may tell it too. Spans are named by trace and span id."""

    event: TokenEvent
    service: tuple[str, ...]
    span: str
    parent: str | None


class PointReading(Struct, frozen=True, kw_only=True):
    """A data point of a token series; `event` says all but how many. Times are nanoseconds, `start` 0 if not told."""

    event: TokenEvent
    service: tuple[str, ...]
    teller: Teller
    part: Part
    series: bytes
    group: bytes
    start: int
    moment: int
    value: int
    is_cumulative: bool


class Readings(Struct, frozen=True):
    """What one body says, and how many records had to be rejected for which reason."""

    events: Sequence[TokenEvent] = ()
    evidence: Sequence[SessionEvidence] = ()
    rejections: Mapping[Reason, int] = field(default_factory=dict)
    spans: Sequence[SpanReading] = ()
    points: Sequence[PointReading] = ()

    @property
    def size(self) -> int:
        """How many things are to be stored."""
        return len(self.events) + len(self.evidence) + len(self.spans) + len(self.points)

    @property
    def rejected(self) -> int:
        """Records rejected for any reason."""
        return sum(self.rejections.values())
