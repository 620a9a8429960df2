"""Reading one release by its key."""

from typing import Final

from schema.errors import NotFoundError
from schema.identifiers import artifact_bytes
from service.api.ledger.attributions import show_attribution
from service.contracts.attribution import AttributionShown
from service.dashboard.components.costs import ends_of
from service.dashboard.release.facts import ReleaseFacts
from service.dashboard.releases.moving_tags import moving_tags
from service.dashboard.releases.reading import read_shown
from service.dashboard.shell.opening import Opened
from service.http.recent_calibrations import NONE
from service.queries.artifacts.one_release import (
    Reverted,
    list_dearest_shipped,
    read_before,
    read_fixes,
    read_repository_label,
    read_reverted,
    read_weeks,
)
from service.queries.artifacts.release_lists import read_families
from service.queries.ledger.attributions import read_these, read_tokens_of

SHOWN: Final = 15
# More than are shown, because the dearest by the low end of their interval are; a file holds them all.
CANDIDATES: Final = 60


async def read_release(opened: Opened, text: str) -> ReleaseFacts:
    """Read the facts; raises BadInputError for what is not an artifact id, NotFoundError for an unknown one."""
    tenant, price = opened.tenant, opened.view.price
    release_id = artifact_bytes(text)
    known = await read_shown(opened, [release_id])
    if release_id not in known:
        raise NotFoundError("must be a known release; the list of releases has all", field="artifact_id")
    shown = known[release_id]
    is_moving = not shown.pull_requests and release_id in moving_tags(await read_families(tenant, [release_id]))
    fixed_by, fixes = await read_fixes(tenant, release_id, price)
    return ReleaseFacts(
        shown=shown,
        is_moving=is_moving,
        repository=await read_repository_label(tenant, release_id),
        before=await read_before(tenant, release_id, price),
        weeks=[each for each in await read_weeks(tenant, release_id, price) if each.tokens or each.nano_usd],
        dearest=await _dearest(opened, release_id),
        reverted=await _reverted(opened, release_id),
        fixed_by=fixed_by,
        fixes=fixes,
    )


async def _reverted(opened: Opened, release_id: bytes) -> list[Reverted]:
    """Return what was reverted, of what the viewer may see."""
    found = await read_reverted(opened.tenant, release_id)
    if opened.only_team is None:
        return found
    rows = await read_these(opened.tenant, [each.artifact_id for each in found])
    return [each for each in found if each.artifact_id in rows and opened.is_shown(rows[each.artifact_id]["team_id"])]


async def _dearest(opened: Opened, release_id: bytes) -> list[AttributionShown]:
    tenant, price = opened.tenant, opened.view.price
    limit = 10 * CANDIDATES if opened.suffix else CANDIDATES
    found = await list_dearest_shipped(tenant, release_id, price, limit)
    rows = await read_these(tenant, found)
    tokens = await read_tokens_of(tenant, found, price)
    shown = [
        show_attribution(rows[each], tokens.get(each, ()), opened.calibrations.get(rows[each]["team_id"], NONE))
        for each in found
        if each in rows and opened.is_shown(rows[each]["team_id"])
    ]
    ordered = sorted(shown, key=lambda each: -ends_of(each).low)
    return ordered if opened.suffix else ordered[:SHOWN]
