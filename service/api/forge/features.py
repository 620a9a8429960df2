"""/api/v1/features: map labels of pull requests to features."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.organization_keys import OrganizationKeys
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.feature import FeatureIn, FeatureList, FeatureShown
from service.queries.forge.features import drop_feature, list_features, save_feature
from vocabulary.labels import digest_labels


@get("/api/v1/features", guards=[requires("read")], summary="List features", tags=["administration"])
async def show_features(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> FeatureList:
    """List features by name, each with the number of its labels and of merged pull requests with such a label."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_features(tenant)
    return FeatureList(items=[feature_shown(row) for row in rows])


@put("/api/v1/features", guards=[requires("admin")], summary="Map labels to a feature", tags=["administration"])
async def take_feature(
    data: JSONBody[FeatureIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> FeatureShown:
    """Set the labels of a feature, replacing its present ones. This also applies to pull requests merged earlier.

    A label can belong to one feature only. Labels are stored as keyed hashes.
    """
    hasher = await organization_keys.hasher(caller.organization_id)
    hashes = [hasher.labels(digest_labels([label])) for label in data.labels]
    async with database.organization(caller.organization_id) as tenant:
        labels = sorted({label for found in hashes for label in found})
        taken = await save_feature(tenant, data.name, labels)
        if taken is not None:
            index = hashes.index([taken.label])
            raise BadInputError("belongs to another feature; remove it there first", field=f"labels[{index}]")
        rows = await list_features(tenant, data.name)
    return feature_shown(rows[0])


@delete("/api/v1/features", guards=[requires("admin")], summary="Delete a feature", tags=["administration"])
async def remove_feature(
    name: Annotated[str, QueryParameter(description="Name of a feature")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Delete a feature. Pull requests keep the hashes of their labels."""
    async with database.organization(caller.organization_id) as tenant:
        is_gone = "\0" not in name and await drop_feature(tenant, name)
    if not is_gone:
        raise NotFoundError("no feature has this name; list them with GET /api/v1/features", field="name")


def feature_shown(row: Mapping[str, Any]) -> FeatureShown:
    """Convert a row to the API's contract."""
    return FeatureShown(**{name: row[name] for name in FeatureShown.__struct_fields__})


ROUTES = [show_features, take_feature, remove_feature]
