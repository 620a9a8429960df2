"""Cline. Canonical: the counters `cline.tokens.*.total` and `cline.cache.*.tokens.total`.

From its source code (`TelemetryService`, up to 3.x and the extension's legacy line):
- Counters are cumulative. Token counters are by task (`ulid`) and model, cache counters also by provider and `mode`.
- Input excludes the cache: Cline prices input, cache reads and cache writes separately.
- Some versions count the cache again without `mode`, from the same numbers; only series with a mode are read.
- Histograms `….per_response` and `….per_event` and the log events `task.*` repeat the same tokens and are dropped. So
  are the attributes on every point that name the person and the organization.
"""

from service.telemetry.otlp.records import Point
from service.telemetry.reading.normalised import Part, PointReading, TokenSignal
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import own
from service.telemetry.sources.conventions import points, spellings
from vocabulary.model_names import model_name

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

POINT_ATTRIBUTES = frozenset({TASK, MODE, "model", "provider", *spellings.SERVICE})
INSTRUMENTS = frozenset(COUNTERS)


def sent(point: Point) -> bool:
    """Return whether a data point is of one of Cline's counters."""
    return point.name in COUNTERS


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point, or None if another series counts it. Raises UnusableRecordError."""
    part = COUNTERS[point.name]
    if part in BY_MODE and own(point, MODE) is None:
        return None
    model = model_name(own(point, "model") or "", own(point, "provider") or "")
    return points.counted(point, receipt, NAME, TokenSignal.COUNTERS, part, model, own(point, TASK))
