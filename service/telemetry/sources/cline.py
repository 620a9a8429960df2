"""Cline. Canonical: its counters `cline.tokens.*.total` and `cline.cache.*.tokens.total`.

From its source (`TelemetryService`, up to 3.x and the extension's legacy line):
- Counters are cumulative. Tokens are by task (`ulid`) and model; cache counters by provider and `mode` as well.
- Input excludes the cache: Cline prices input, cache reads and cache writes each by themselves.
- Some versions count the cache again without `mode`, from the same numbers; only series that tell a mode are read.
- Histograms `….per_response` and `….per_event` and the log events `task.*` tell the same tokens and are dropped; so are
  the attributes that name the person and the organization, which stand on every point.
"""

from schema.model_names import model_name
from service.telemetry.otlp.records import Point
from service.telemetry.reading.normalised import Part, PointReading, Teller
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import own
from service.telemetry.sources import conventions

NAME = "cline"

TASK = "ulid"
MODE = "mode"
COUNTERS = {
    "cline.tokens.input.total": Part.INPUT,
    "cline.tokens.output.total": Part.OUTPUT,
    "cline.cache.read.tokens.total": Part.CACHE_READ,
    "cline.cache.write.tokens.total": Part.CACHE_WRITE,
}
BY_MODE = {Part.CACHE_READ, Part.CACHE_WRITE}

ATTRIBUTES = frozenset({TASK, MODE, "model", "provider", *conventions.SERVICE})
INSTRUMENTS = frozenset(COUNTERS)


def sent(point: Point) -> bool:
    """Whether it is one of Cline's counters."""
    return point.name in COUNTERS


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """What a series tells, or nothing where another tells it. Raises UnusableRecordError."""
    part = COUNTERS[point.name]
    if part in BY_MODE and own(point, MODE) is None:
        return None
    model = model_name(own(point, "model") or "", own(point, "provider") or "")
    return conventions.counted(point, receipt, NAME, Teller.COUNTERS, part, model, own(point, TASK))
