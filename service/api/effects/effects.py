"""GET /api/v1/effects: whether teams ship more if they use more tokens."""

from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from schema.database import Database
from service.api.effects.effect_sentence import NO_WEEKS, NOT_STUDIED, effect_sentence, versions_sentence
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.effects.study import EffectsFound, EffectsShown, VersionEffect
from service.queries.ledger.effects import Study, read_study

VersionKind: TypeAlias = Literal["prompt_version", "model"]
VersionDesign: TypeAlias = Literal["side_by_side", "before_after"]


@get("/api/v1/effects", guards=[requires("read")], summary="Show whether more use ships more", tags=["figures"])
async def show_effects(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    kind: Annotated[VersionKind | None, QueryParameter(description="Compare versions of prompts, or models")] = None,
    new: Annotated[str | None, QueryParameter(description="The later version or model, such as review/7")] = None,
    old: Annotated[str | None, QueryParameter(description="The earlier version or model")] = None,
    design: Annotated[
        VersionDesign | None, QueryParameter(description="Compare in the same weeks, or before and after")
    ] = None,
) -> EffectsShown:
    """Show what adopting agents and switching models did to shipping, and what goes with more use.

    Each outcome is studied by itself: tokens, merged pull requests, those released within four weeks, and those of them
    that were not reverted. Adopters are compared with similar teams that had not adopted, or not yet. Teams with too
    few people or pull requests are left out. A key of one team sees the same, because no figure is about a single team.

    `versions` compares requests of two versions of a prompt, or of two models, within the same team and context-window
    tier: by default the newest with the one used most; with `kind`, `new`, `old` or `design`, all that match, and
    `sentence` is about these.
    """
    wanted = WantedVersions(kind, new, old, design)
    async with database.organization(caller.organization_id) as tenant:
        study = await read_study(tenant)
    return with_versions(shown(study), study, wanted) if any(wanted) else shown(study)


class WantedVersions(NamedTuple):
    """Which comparisons of versions are asked for; None matches all."""

    kind: str | None
    new: str | None
    old: str | None
    design: str | None


class _Pairs(msgspec.Struct):
    version_pairs: list[VersionEffect] = []


def with_versions(effects: EffectsShown, study: Study | None, wanted: WantedVersions) -> EffectsShown:
    """Return effects with the comparisons that are asked for, and the answer about these."""
    if study is None or effects.found is None:
        return effects
    known = msgspec.json.decode(study.report, type=_Pairs).version_pairs
    chosen = [each for each in known if all(value in {None, getattr(each, name)} for name, value in _named(wanted))]
    found = msgspec.structs.replace(effects.found, versions=chosen)
    sentence = chosen[0].sentence if chosen else versions_sentence(known)
    return msgspec.structs.replace(effects, sentence=sentence, found=found)


def _named(wanted: WantedVersions) -> list[tuple[str, str | None]]:
    return list(wanted._asdict().items())


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
