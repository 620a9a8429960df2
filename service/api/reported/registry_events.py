"""POST /api/v1/changes/langfuse and /mlflow: webhooks of registries, of which each deployment is a change."""

import re
from typing import Annotated, TypeAlias

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from schema.database import Database
from schema.organization_keys import OrganizationKeys
from service.api.ledger.changes import store_changes
from service.api.parameters import TeamName
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.reported.change import ChangeIn, ChangeReceipt
from service.contracts.reported.registry_event import LangfuseEvent, MlflowEvent

LONGEST_LABEL, LONGEST_VALUE = 40, 100
# The names of registries may hold what values of changes may not.
_OTHER = re.compile(r"[^A-Za-z0-9._:+/#-]+")
_MLFLOW_KINDS = {"model_version_alias": "model", "prompt_alias": "prompt_template"}

Deployed: TypeAlias = Annotated[
    str, QueryParameter(min_length=1, max_length=LONGEST_LABEL, description="Label of the version that is in use")
]
DeployedAlias: TypeAlias = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=LONGEST_LABEL, description="Alias of the version in use (default: any)"),
]


@post(
    "/api/v1/changes/langfuse",
    status_code=200,
    guards=[requires("intake")],
    summary="Take webhooks of Langfuse",
    tags=["intake"],
)
async def take_langfuse_event(
    data: JSONBody[LangfuseEvent],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    team: TeamName = None,
    label: Deployed = "production",
) -> ChangeReceipt:
    """Store that a version of a prompt is in use, once it has a label (default: production). Other events pass.

    In Langfuse, add an automation for prompt versions with this address, and the header `Authorization: Bearer` with a
    key. The text of the prompt is not read.
    """
    changes = []
    if data.type == "prompt-version" and data.action != "deleted" and label in data.prompt.labels:
        changes.append(
            ChangeIn(
                kind="prompt_template",
                occurred_at=data.timestamp,
                id=f"langfuse-{word(data.id, LONGEST_VALUE)}",
                team=team,
                to_value=version_of(data.prompt.name, str(data.prompt.version)),
                source="langfuse",
                label=word(label, LONGEST_LABEL),
            )
        )
    return await store_changes(database, organization_keys, caller, changes, place="")


@post(
    "/api/v1/changes/mlflow",
    status_code=200,
    guards=[requires("intake")],
    summary="Take webhooks of MLflow",
    tags=["intake"],
)
async def take_mlflow_event(
    data: JSONBody[MlflowEvent],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    team: TeamName = None,
    alias: DeployedAlias = None,
) -> ChangeReceipt:
    """Store that an alias names another version of a model or prompt from now on. Other events pass.

    In MLflow, create a webhook for the events `model_version_alias.created` and `prompt_alias.created`. MLflow sends no
    headers of yours, so the key stands in the address: `https://mlflow:KEY@host/api/v1/changes/mlflow`.
    """
    changes = []
    kind = _MLFLOW_KINDS.get(data.entity)
    if kind and data.action == "created" and data.data.name and alias in {None, data.data.alias}:
        changes.append(
            ChangeIn(
                kind=kind,  # type: ignore[arg-type]  # one of its kinds
                occurred_at=data.timestamp,
                team=team,
                to_value=version_of(data.data.name, data.data.version),
                source="mlflow",
                label=word(data.data.alias, LONGEST_LABEL),
            )
        )
    return await store_changes(database, organization_keys, caller, changes, place="")


def version_of(name: str, version: str) -> str:
    """Return a version as telemetry names it, such as `review/7`."""
    ending = f"/{word(version, LONGEST_LABEL)}" if version else ""
    return word(name, LONGEST_VALUE - len(ending)) + ending


def word(text: str, longest: int) -> str:
    """Return a text as a value of a change, which has no spaces; the same text always becomes the same."""
    return _OTHER.sub("-", text)[:longest]


ROUTES = [take_langfuse_event, take_mlflow_event]
