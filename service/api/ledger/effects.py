"""GET /api/v1/effects: whether teams ship more if they use more tokens."""

import msgspec
from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from service.api.ledger.effect_sentence import NO_WEEKS, NOT_STUDIED, effect_sentence
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.effects import EffectsFound, EffectsShown
from service.queries.ledger.effects import Study, read_study


@get("/api/v1/effects", guards=[requires("read")], summary="Show whether more use ships more", tags=["figures"])
async def show_effects(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> EffectsShown:
    """Show what adopting agents and switching models did to shipping, and what goes with more use.

    Each outcome is studied by itself: tokens, merged pull requests, those released within four weeks, and those of them
    that were not reverted. Adopters are compared with similar teams that had not adopted, or not yet. Teams with too
    few people or pull requests are left out. A key of one team sees the same, because no figure is about a single team.
    """
    async with database.organization(caller.organization_id) as tenant:
        return shown(await read_study(tenant))


def shown(study: Study | None) -> EffectsShown:
    """Return the response."""
    found = msgspec.json.decode(study.report, type=EffectsFound | None) if study else None
    return EffectsShown(
        sentence=effect_sentence(found) if found else NO_WEEKS if study else NOT_STUDIED,
        studied_at=study.studied_at if study else None,
        first_week=study.first_week if study else None,
        last_week=study.last_week if study else None,
        found=found,
    )


ROUTES = [show_effects]
