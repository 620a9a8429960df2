"""Reading what models, workflows and prompts cost from rollups, and what studies found of their versions."""

from collections.abc import Mapping, Sequence

import msgspec

from schema.database import Tenant
from service.api.effects.effects import WantedVersions, with_versions
from service.api.effects.effects import shown as shown_effects
from service.api.effects.iterations import groups_shown
from service.api.reported.outcome_study import shown as shown_outcomes
from service.contracts.effects.study import VersionEffect
from service.contracts.reconciliation import CostKind
from service.contracts.spend.outcomes import PromptShown
from service.dashboard.components.fates import fates_of
from service.dashboard.shell.opening import Opened
from service.dashboard.spend.scope import read_by, scope_of
from service.dashboard.uses.facts import DIMENSIONS, NO_TEAMS, ChosenFacts, Use, Used, UsesFacts, sum_uses
from service.dashboard.uses.reading_teams import read_teams
from service.queries.ledger.effects import Study, read_study
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Question, is_settled, read_cells, read_dearest
from service.queries.spend.withheld import why_withheld
from vocabulary.spend_cuts import DIMENSIONS as ORDER

MANY = 1_000_000
KINDS = {"model": "model", "workflow": "prompt_version"}
STUDIED = {"model": ("model_family", "context_tier"), "workflow": ("prompt_version", "ai_share")}


async def read_uses_page(opened: Opened, dimension: Used, *, is_compared: bool) -> UsesFacts:
    """Read the facts; without a comparison, nothing of an earlier period."""
    tenant, view = opened.tenant, opened.view
    reason = await _reason(opened)
    if reason:
        return UsesFacts(dimension, withheld=reason)
    period = Bucket(view.period.span, view.period.before if is_compared else None)
    wanted = ["model"] if dimension == "model" else ["workflow", "prompt_version"]
    study = await read_study(tenant)
    return UsesFacts(
        dimension,
        {each: await _read(tenant, period, each, view.price, opened.team_id) for each in wanted},
        _versions(study, WantedVersions(KINDS[dimension], None, None, None)),
        {each: groups_shown(study, each) for each in STUDIED[dimension]},
        _prompts(opened, study) if dimension == "workflow" else [],
        await is_settled(tenant, opened.team_id, period.span),
        teams=await read_teams(opened, dimension),
    )


async def read_chosen(opened: Opened, parameter: str, *, is_compared: bool) -> ChosenFacts:
    """Read the facts of the model, workflow or prompt that a parameter names."""
    tenant, view = opened.tenant, opened.view
    name, number = view.value(parameter), len(view.period.slots)
    reason = await _reason(opened)
    if reason:
        return ChosenFacts(parameter, name, fates_of([], number), Use(), Use(), withheld=reason)
    period = Bucket(view.period.span, view.period.before if is_compared else None)
    scope = scope_of(view, opened.team_id)
    slots = [Bucket(slot.span, slot.before if is_compared else None) for slot in view.period.slots]
    fates = await read_by(tenant, scope, slots, "fate")
    every = await _read(tenant, period, DIMENSIONS[parameter], view.price, opened.team_id)
    by = {
        each: {cell.groups[0]: Use(cell.now, cell.before) for cell in await read_by(tenant, scope, [period], each)}
        for each in DIMENSIONS.values()
        if each != scope.dimension
    }
    study = await read_study(tenant)
    return ChosenFacts(
        parameter,
        name,
        fates_of(fates, number),
        every.get(name, Use()),
        sum_uses(every),
        by,
        [each for each in _versions(study, WantedVersions(None, None, None, None)) if name in {each.new, each.old}],
        [each for each in _prompts(opened, study) if name in {each.workflow, each.prompt_version}],
        await is_settled(tenant, opened.team_id, period.span),
        teams=await read_teams(opened, "model" if parameter == "model" else "workflow")
        if parameter != "prompt"
        else NO_TEAMS,
    )


async def _reason(opened: Opened) -> str | None:
    if opened.team_id is None:
        return None
    return await why_withheld(opened.tenant, opened.team_id, opened.thresholds)


async def _read(
    tenant: Tenant, period: Bucket, dimension: str, price: CostKind, team_id: int | None
) -> Mapping[str, Use]:
    """Return all uses of a dimension, with what of them shipped."""
    dimensions = tuple(each for each in ORDER if each in {dimension, "fate"})
    place = dimensions.index(dimension)
    question = Question([period], dimensions, price, team_id)
    read = read_dearest if team_id is None else read_cells
    found: dict[str, Use] = {}
    for cell in await read(tenant, question, None, MANY):
        name, fate = cell.groups[place], cell.groups[1 - place]
        use = Use(cell.now, cell.before, cell.now.nano_usd if fate == "merged" else 0)
        found[name] = found.get(name, Use()).plus(use)
    return found


class _Pairs(msgspec.Struct):
    version_pairs: list[VersionEffect] = []


def _versions(study: Study | None, wanted: WantedVersions) -> Sequence[VersionEffect]:
    """Return the comparisons of versions that a study made."""
    if study is None:
        return []
    if any(wanted):
        found = with_versions(shown_effects(study), study, wanted).found
        return found.versions if found else []
    pairs = msgspec.json.decode(study.report, type=_Pairs | None)
    return pairs.version_pairs if pairs else []


def _prompts(opened: Opened, study: Study | None) -> list[PromptShown]:
    """Return what outcomes cost with each prompt, which covers all teams; as in the API, not for who sees one."""
    return shown_outcomes(study).prompts if opened.only_team is None else []
