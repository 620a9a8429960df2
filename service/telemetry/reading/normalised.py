"""What every source is read into. These structs hold names in plain text, in memory only, until they are hashed."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from msgspec import Struct, field

from schema.identifiers import RepositoryName
from service.telemetry.otlp.records import Signal
from vocabulary.session_evidence import EvidenceSource
from vocabulary.tokens import TokenCounts

# The raw fields that identify a record; see event_identity.
Identity: TypeAlias = tuple[str | int | None, ...]


class Reason(StrEnum):
    """Why a record was rejected."""

    COUNTS = "counts"
    TIME = "time"


class DropReason(StrEnum):
    """Why a record that holds tokens is not counted, beside those for which records are rejected."""

    REPEATED = "repeated"
    NO_SESSION = "no_session"
    NOT_READ = "not_read"
    UNREADABLE = "unreadable"


# The signal of what an import left out.
IMPORT = "import"


class Dropped(NamedTuple):
    """Records that hold tokens and are not counted: who sent them (empty if unknown), in which signal, and why."""

    source: str
    signal: Signal | str
    reason: str


class LeftOut(NamedTuple):
    """A record that an import left out, known by an id, so that it counts as dropped once; tokens where seen."""

    record_id: str
    dropped: Dropped
    tokens: int


class UnusableRecordError(Exception):
    """A record of a canonical signal has an invalid count or time. Only this record is rejected; quotes no value."""

    def __init__(self, reason: Reason = Reason.COUNTS) -> None:
        super().__init__(reason)
        self.reason = reason


class Links(Struct, frozen=True, kw_only=True):
    """Evidence that links tokens to work, strongest first (DESIGN §5)."""

    artifact: bytes | None = None
    number: int | None = None
    commit: str | None = None
    branch: str | None = None
    repository: RepositoryName | None = None


NO_LINKS = Links()


class TokenEvent(Struct, frozen=True, gc=False):
    """One model request (or one bucket of requests); `identity` makes it count once.

    `anonymous`: nothing in the identity names a session or call, so equal events may be different requests.
    `remembered`: the event may be sent again at any time, so its id is kept after its row is deleted. `request` is the
    provider's id of the request. A `failed` request may have no tokens; then it counts only as a failed request.
    `cache_write_1h` is the part of `cache_write` that lives an hour. Searches and code executions are charged by piece.
    `service` is set where metrics and spans of the service may report the same request without naming the session.
    `guardrail` is `refused`, or `retry` after a refusal. `began` is where the process of the session began,
    and how that is known.
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
    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0
    service: tuple[str, ...] = ()
    guardrail: str = ""
    began: Links | None = None
    began_source: EvidenceSource = EvidenceSource.RESOURCE


class SessionEvidence(Struct, frozen=True, kw_only=True):
    """A session was on a branch, made a commit or opened a pull request at an instant.

    `agents` are the sources under which token events of the session may arrive. `is_start`: it says only where the
    process began, at the latest at that instant, and holds until the session is seen elsewhere.
    """

    agents: tuple[str, ...]
    session: str
    occurred_at: datetime
    links: Links
    source: EvidenceSource = EvidenceSource.RECORD
    is_start: bool = False


class TokenSignal(StrEnum):
    """A signal that may report the same tokens as another signal of the service or session; see tallies.

    `logs` are log records of agents.
    """

    LOGS = "logs"
    SPANS = "spans"
    COUNTERS = "counters"
    HISTOGRAM = "histogram"


class Part(StrEnum):
    """What a metric series counts: a total, a part of a total (…_of_…), or tokens beside the total.

    Where nothing is known about the emitter, numbers tell whether a part stands within its total (…_by_numbers).
    """

    INPUT = "input"
    OUTPUT = "output"
    READ_OF_INPUT = "read_of_input"
    WRITTEN_OF_INPUT = "written_of_input"
    REASONING_OF_OUTPUT = "reasoning_of_output"
    READ_BY_NUMBERS = "read_by_numbers"
    WRITTEN_BY_NUMBERS = "written_by_numbers"
    REASONING_BY_NUMBERS = "reasoning_by_numbers"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    REASONING = "reasoning"


class SpanReading(Struct, frozen=True, kw_only=True):
    """A request reported by a span, and perhaps by its service's metrics too. Spans are named "trace id/span id".

    `repeats_logs`: an agent sent it, whose log records may report the same request; without a `service`, it is compared
    with those of its session.
    """

    event: TokenEvent
    service: tuple[str, ...]
    trace: str
    span: str
    parent: str | None
    repeats_logs: bool = False


class SummaryReading(Struct, frozen=True, kw_only=True):
    """A span that sums up the requests of an agent, and counts if none of them is reported.

    `dropped` is what it is counted as otherwise. `evidence` is what it says of its session.
    """

    span: SpanReading
    dropped: Dropped
    evidence: SessionEvidence | None = None


class EmptySpan(Struct, frozen=True, gc=False):
    """A span without tokens below another one: spans above and below it may report the same tokens."""

    trace: str
    span: str
    parent: str


class PointReading(Struct, frozen=True, kw_only=True):
    """A data point of a token series; `event` has no tokens yet. Times are nanoseconds, `start` is 0 if unknown.

    Without a `service` it is compared with the log records of its session.
    """

    event: TokenEvent
    service: tuple[str, ...]
    signal: TokenSignal
    part: Part
    series: bytes
    group: bytes
    start: int
    moment: int
    value: int
    is_cumulative: bool


class Readings(Struct, frozen=True):
    """What one body reports, and how many of its records were rejected for each reason."""

    events: Sequence[TokenEvent] = ()
    evidence: Sequence[SessionEvidence] = ()
    rejections: Mapping[Reason, int] = field(default_factory=dict)
    dropped: Mapping[Dropped, int] = field(default_factory=dict)
    left_out: Sequence[LeftOut] = ()
    spans: Sequence[SpanReading] = ()
    points: Sequence[PointReading] = ()
    empty_spans: Sequence[EmptySpan] = ()
    summaries: Sequence[SummaryReading] = ()
    # Traces of which requests are counted otherwise than by spans.
    traces: AbstractSet[str] = frozenset()

    @property
    def size(self) -> int:
        """Return how many readings there are to store; spans without tokens only help to count others."""
        rows = (self.events, self.evidence, self.spans, self.points, self.left_out, self.summaries)
        return sum(map(len, rows))

    @property
    def rejected(self) -> int:
        """Return the number of rejected records."""
        return sum(self.rejections.values())
