"""Items of `POST /api/v1/session-evidence`, each read or refused by itself. Pure."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from schema.errors import BadInputError
from service.contracts.session_evidence import RefusedItem, SessionEvidenceIn
from service.contracts.token_event import EARLIEST, LATEST
from service.telemetry.reading.links import repository_name, short_revision
from service.telemetry.reading.normalised import NO_LINKS, Links, SessionEvidence
from vocabulary.session_evidence import STANDING, START, EvidenceSource, is_agent, sources_of

DETACHED = "HEAD"
NO_PLACE = "names no place; send at least one of repository, branch, commit (of a commit or push) and pull_request"
# What a resource says is never sent as an item.
SOURCES = tuple(source for source in EvidenceSource if source is not EvidenceSource.RESOURCE)

_PLACE = re.compile(r" - at `\$(?P<place>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")
# Only this message of msgspec repeats the invalid value.
_VALUE = re.compile(r"^Invalid enum value .*$", re.DOTALL)


class ReadItems(NamedTuple):
    """The evidence of items that can be read, and why the others are refused."""

    evidence: list[SessionEvidence]
    refused: list[RefusedItem]


def read_items(items: Sequence[Any]) -> ReadItems:
    """Read the items of a bulk. A refusal names item and field, and never a value."""
    read = ReadItems([], [])
    for index, item in enumerate(items):
        try:
            read.evidence.append(read_item(msgspec.convert(item, SessionEvidenceIn)))
        except msgspec.ValidationError as error:
            read.refused.append(_refused(index, *_what_is_wrong(str(error))))
        except BadInputError as error:
            read.refused.append(_refused(index, error.field or "", error.detail))
    return read


def read_item(item: SessionEvidenceIn) -> SessionEvidence:
    """Return what an item says. Raises BadInputError, which names the field and never a value."""
    source, agents = _source_of(item)
    repository = repository_name(item.repository)
    if item.repository is not None and repository is None:
        raise BadInputError("must be a repository as host/owner/name, or a clone URL", field="repository")
    if not EARLIEST <= item.occurred_at < LATEST:
        raise BadInputError("must be between the years 2000 and 2100", field="occurred_at")
    links = Links(
        number=item.pull_request,
        commit=None if item.event in STANDING else short_revision(item.commit),
        branch=None if item.branch == DETACHED else item.branch,
        repository=repository,
    )
    if links == NO_LINKS:
        raise BadInputError(NO_PLACE)
    return SessionEvidence(
        agents=agents,
        session=item.session,
        occurred_at=item.occurred_at,
        links=links,
        source=source,
        # A transcript names the branch that its session began on, also when the session is elsewhere.
        is_start=item.event == START and source is EvidenceSource.TRANSCRIPT,
    )


def _source_of(item: SessionEvidenceIn) -> tuple[EvidenceSource, tuple[str, ...]]:
    """Return how it is known, and the sources of the session's token events."""
    if item.source in SOURCES:
        return EvidenceSource(item.source), sources_of(item.agent)
    if is_agent(item.source):
        return EvidenceSource.RECORD, sources_of(item.agent or item.source)
    raise BadInputError(f"must be one of {', '.join(SOURCES)}, or the name of an agent", field="source")


def _what_is_wrong(message: str) -> tuple[str, str]:
    """Return field and reason of an item that does not follow its contract."""
    match = _PLACE.search(message)
    place = match["place"].removeprefix(".") if match else ""
    reason = _PLACE.sub("", message)
    if missing := _MISSING.match(reason):
        return missing["name"], "is missing; see /schema"
    reason = _VALUE.sub("is not one of the allowed values", reason)
    return place, f"{reason[0].lower()}{reason[1:]}; see /schema"


def _refused(index: int, field: str, reason: str) -> RefusedItem:
    return RefusedItem(index=index, field=f"items[{index}]{f'.{field}' if field else ''}", reason=reason)
