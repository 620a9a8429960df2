"""Session evidence as log records `shipledger.session`, which collectors carry as they carry telemetry.

Attributes have the names of the fields of `POST /api/v1/session-evidence`, or those of the OpenTelemetry conventions.
Only a record's own attributes are read, and the session of its resource.
"""

import msgspec

from schema.errors import BadInputError
from service.contracts.session_evidence import SessionEvidenceIn
from service.telemetry.otlp.records import Record
from service.telemetry.reading import links
from service.telemetry.reading.normalised import SessionEvidence
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import own, text_of
from service.telemetry.session_items import read_item

EVENT = "shipledger.session"
REVISION = "vcs.ref.head.revision"

NAMES = {
    "session": (links.SESSION, "shipledger.session.id", "session"),
    "agent": ("shipledger.session.agent", "agent"),
    "repository": (links.REPOSITORY_URL, "repository"),
    "branch": (links.BRANCH, "branch"),
    "commit": (REVISION, "commit"),
    "event": ("shipledger.session.event", "event"),
    "source": ("shipledger.session.source", "source"),
}
NUMBERS = (*links.NUMBERS, "pull_request")

ATTRIBUTES = frozenset({"event.name", *NUMBERS, *(name for names in NAMES.values() for name in names)})


def recognises(record: Record) -> bool:
    """Return whether a log record is session evidence, by event name."""
    return record.event_name == EVENT or record.attributes.get("event.name") == EVENT


def read(record: Record, receipt: Receipt) -> SessionEvidence | None:
    """Return what a record says of a session, or None if it cannot be read. Raises UnusableRecordError."""
    fields = {field: text for field, names in NAMES.items() if (text := _first(record, names)) is not None}
    number = next((text for name in NUMBERS if (text := own(record, name))), None)
    if "session" not in fields and (session := text_of(record, links.SESSION)) is not None:
        fields["session"] = session
    item = {"occurred_at": receipt.occurred_at(record), **fields, "pull_request": links.number(number)}
    try:
        return read_item(msgspec.convert(item, SessionEvidenceIn))
    except (msgspec.ValidationError, BadInputError):
        return None


def _first(record: Record, names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := own(record, name))), None)
