"""The work behind the tokens of any source: team, repository, branch, pull request, workflow.

Attributes are read from the record or its resource, so `OTEL_RESOURCE_ATTRIBUTES` links any agent. What a resource
says of repository and branch was true when its process began, so it is kept apart. Revisions are not read here: on a
resource or a request, a revision is where the work began, and may belong to another pull request. Only evidence that a
session made a commit names a commit (see telemetry.sources.claude_code).
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS, RepositoryName, abbreviate_commit, artifact_bytes, parse_repository
from service.telemetry.otlp.records import Attributes, TelemetryRecord
from service.telemetry.reading.labels import label
from service.telemetry.reading.normalised import Links
from service.telemetry.reading.values import own, text_of

TEAM = "team.id"
SESSION = "session.id"
WORKFLOWS = ("shipledger.workflow", "gen_ai.workflow.name", "traceloop.workflow.name")
PROMPT_TEMPLATE = "shipledger.prompt.template"
# OpenLLMetry sends the key and the version of a prompt separately.
PROMPT_KEY = "traceloop.prompt.key"
PROMPT_VERSION = "traceloop.prompt.version"
CONTEXT_TIER = "shipledger.context.tier"
# `refused` by a guardrail, or a `retry` after that. The conventions have no attribute for it.
GUARDRAIL = "shipledger.guardrail"
GUARDRAILS = frozenset({"refused", "retry"})
ARTIFACT = "shipledger.artifact.hash"
NUMBERS = ("shipledger.pull_request.number", "vcs.change.id")
REPOSITORY_URL = "vcs.repository.url.full"
REPOSITORY_OWNER = "vcs.owner.name"
REPOSITORY_NAME = "vcs.repository.name"
FORGE = "vcs.provider.name"
BRANCH = "vcs.ref.head.name"
BRANCH_TYPE = "vcs.ref.head.type"

ATTRIBUTES = frozenset(
    {
        *(TEAM, *WORKFLOWS, PROMPT_TEMPLATE, PROMPT_KEY, PROMPT_VERSION, CONTEXT_TIER, GUARDRAIL, ARTIFACT),
        *NUMBERS,
        *(REPOSITORY_URL, REPOSITORY_OWNER, REPOSITORY_NAME, FORGE, BRANCH, BRANCH_TYPE),
    }
)

MAXIMUM_NAME = 1000
_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-f]{7,64}")


class Work(Struct, frozen=True, kw_only=True):
    """`team.id` as sent, workflow tag, prompt template, context-window tier, guardrail, and links.

    `links` are those of the record itself, with the number or hash of its resource. `began` is where the process began,
    as far as the resource says it and the record does not; `whole` is both, for records without a session.
    """

    team: str | None
    workflow: str
    prompt_template: str
    context_tier: str
    guardrail: str
    links: Links
    whole: Links
    began: Links | None


def work(record: TelemetryRecord) -> Work:
    """Read the work behind a record from the record or its resource, without a commit."""
    links = _links(record)
    began = _began(record, links)
    whole = links
    if began is not None:
        whole = replace(links, branch=links.branch or began.branch, repository=links.repository or began.repository)
    return Work(
        team=text_of(record, TEAM),
        workflow=_workflow(record),
        prompt_template=_prompt_template(record),
        context_tier=label(text_of(record, CONTEXT_TIER)),
        guardrail=_guardrail(record),
        links=links,
        whole=whole,
        began=began,
    )


def _workflow(record: TelemetryRecord) -> str:
    """Return the workflow tag, such as `nightly-refactoring`."""
    for name in WORKFLOWS:
        if tag := label(text_of(record, name)):
            return tag
    return ""


def _prompt_template(record: TelemetryRecord) -> str:
    """Return the prompt template and its version, such as `review/3`."""
    if template := label(text_of(record, PROMPT_TEMPLATE)):
        return template
    if not (key := label(text_of(record, PROMPT_KEY))):
        return ""
    version = label(text_of(record, PROMPT_VERSION))
    return label(f"{key}/{version}") if version else key


def _guardrail(record: TelemetryRecord) -> str:
    """Return what a guardrail did to the request itself: `refused` it, or caused a `retry`; else empty."""
    text = (own(record, GUARDRAIL) or "").lower()
    return text if text in GUARDRAILS else ""


def _links(record: TelemetryRecord) -> Links:
    """Return the evidence of a record; a part that cannot be read counts as missing."""
    return Links(
        artifact=_artifact(text_of(record, ARTIFACT)),
        number=next((found for name in NUMBERS if (found := number(text_of(record, name)))), None),
        branch=_branch(record.attributes),
        repository=_repository(record.attributes),
    )


def _began(record: TelemetryRecord, links: Links) -> Links | None:
    """Return where the process began, as far as the resource says it and the record does not; None if it does not."""
    repository = _repository(record.resource)
    if None not in {repository, links.repository} and repository != links.repository:
        return None
    branch = _branch(record.resource) if links.branch is None else None
    if branch is None and (repository is None or links.repository is not None):
        return None
    return Links(branch=branch, repository=repository or links.repository)


def full_revision(text: str | None) -> str | None:
    """Return a full commit SHA in lower case, else None: an abbreviated SHA has another hash."""
    revision = (text or "").lower()
    return revision if _REVISION.fullmatch(revision) else None


def short_revision(text: str | None) -> str | None:
    """Return a commit SHA in lower case: a full one unchanged, a shorter one cut to the length of abbreviations."""
    revision = (text or "").lower()
    if not _ABBREVIATED.fullmatch(revision):
        return None
    return revision if _REVISION.fullmatch(revision) else abbreviate_commit(revision)


def _artifact(text: str | None) -> bytes | None:
    try:
        return artifact_bytes(text) if text else None
    except BadInputError:
        return None


def number(text: str | None) -> int | None:
    """Return a pull request number such as `7`, `#7` or `!7`, or None."""
    digits = (text or "").lstrip("#!")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(2**53)) else None


def _branch(attributes: Attributes) -> str | None:
    name, kind = _text(attributes, BRANCH), _text(attributes, BRANCH_TYPE)
    # A detached head is reported as HEAD; tags use the same attribute.
    return name if name and name != "HEAD" and len(name) <= MAXIMUM_NAME and kind in {None, "branch"} else None


def _repository(attributes: Attributes) -> RepositoryName | None:
    name = _text(attributes, REPOSITORY_URL)
    host = DEFAULT_HOSTS.get((_text(attributes, FORGE) or "github").lower())
    if name is None:
        owner, repository = _text(attributes, REPOSITORY_OWNER), _text(attributes, REPOSITORY_NAME)
        name = f"{owner}/{repository}" if owner and repository else None
    return repository_name(name, host)


def _text(attributes: Attributes, name: str) -> str | None:
    value = attributes.get(name)
    return None if value is None else str(value).strip() or None


def repository_name(text: str | None, default_host: str | None = None) -> RepositoryName | None:
    """Return the repository that a text names, or None."""
    if not text or len(text) > MAXIMUM_NAME:
        return None
    try:
        return parse_repository(text, default_host)
    except (BadInputError, ValueError):  # urlsplit raises ValueError for some addresses
        return None
