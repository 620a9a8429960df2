"""Reading one pull request by its key."""

from datetime import timedelta
from typing import Final

from schema.errors import NotFoundError
from schema.identifiers import artifact_bytes
from service.api.ledger.attributions import show_attribution
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.pull_request.sizes import size_of
from service.dashboard.shell.opening import Opened
from service.http.recent_calibrations import NONE
from service.queries.artifacts.one_pull_request import (
    ShippedBy,
    read_days,
    read_life,
    read_peers,
    read_settled,
    read_shipping_releases,
)
from service.queries.ledger.attributions import read_tokens_of
from service.queries.ledger.releases import read_these

# Peers were merged in this time before it, or before now while it is open.
BESIDE: Final = timedelta(weeks=12)


async def read_one(opened: Opened, text: str) -> OneFacts:
    """Read the facts; raises BadInputError for what is not an artifact id, NotFoundError for an unknown one."""
    tenant, price = opened.tenant, opened.view.price
    artifact_id = artifact_bytes(text)
    life = await read_life(tenant, artifact_id)
    if life is None or not opened.is_shown(life["team_id"]):
        raise NotFoundError("must be a known pull request; find it by its number", field="artifact_id")
    tokens = await read_tokens_of(tenant, [artifact_id], price)
    days, _ = await read_days(tenant, artifact_id, price)
    shown = show_attribution(life, tokens.get(artifact_id, ()), opened.calibrations.get(life["team_id"], NONE))
    size = size_of(life["changed_lines"])
    last = life["merged_at"] or opened.now
    return OneFacts(
        shown=shown,
        opened_at=life["opened_at"],
        closed_at=life["closed_at"],
        repository=life["repository"],
        reverted_by_label=life["reverted_by_label"],
        days=[each for each in days if each.spend.tokens.total or each.spend.nano_usd],
        releases=await _releases(opened, artifact_id),
        settled=await read_settled(tenant, artifact_id),
        peers=await read_peers(
            tenant, artifact_id, (size.least, size.most), (last - BESIDE, last), price, opened.only_team
        )
        if size
        else (),
        own_team=opened.view.own_team,
    )


async def _releases(opened: Opened, artifact_id: bytes) -> list[ShippedBy]:
    """Return the releases that ship it, of those that the viewer may see."""
    found = await read_shipping_releases(opened.tenant, artifact_id)
    if opened.only_team is None:
        return found
    rows = await read_these(opened.tenant, [each.artifact_id for each in found])
    own = {row["artifact_id"] for row in rows if opened.is_shown(row["team_id"])}
    return [each for each in found if each.artifact_id in own]
