"""GET /api/v1/coverage: how far the figures can be trusted."""

from collections.abc import Mapping

from litestar import get
from litestar.di import NamedDependency

from schema.database import Database
from schema.layer_policies import read_policy
from schema.settings import Settings
from service.api.billing.reconciliation_rows import coverage_of
from service.api.parameters import TeamName
from service.api.periods import From, Period, To, read_period
from service.api.tokens.agent_rows import agent_coverage
from service.api.tokens.layer_rows import layer_coverage
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.coverage import (
    BasisCoverage,
    CoverageShown,
    DroppedRecords,
    EstimatedShare,
    EvidenceCoverage,
    IntakeLag,
    ModelRequests,
    PieceCharges,
    PullRequestCoverage,
    ReleaseCoverage,
    RepairCoverage,
    UnpricedTokens,
)
from service.queries.billing.reconciliation import read_billed_coverage
from service.queries.forge.forge_coverage import read_forge_coverage
from service.queries.forge.repair_limits import RepairLimits, read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import thresholds_of
from service.queries.tokens.agent_links import read_agent_links
from service.queries.tokens.coverage import Coverage, read_coverage
from service.queries.tokens.double_counted import read_double_counting
from service.queries.tokens.dropped import read_dropped
from service.queries.tokens.gateway import EstimatedTotal, read_estimated_total
from service.queries.tokens.layer_amounts import read_layer_amounts
from vocabulary.basis import Basis
from vocabulary.intervals import COVERAGE
from vocabulary.layers import LayerPolicy


@get("/api/v1/coverage", guards=[requires("read")], summary="Show how far figures can be trusted", tags=["figures"])
async def show_coverage(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
) -> CoverageShown:
    """Show shares of tokens by evidence and by basis, priced and billed shares, and how late tokens arrive.

    `unpriced` names models and tiers without a price, `charged_by_piece` is what web searches and code executions
    cost. `requests` has the number, failures and mean duration of requests by model. `dropped` lists telemetry with
    tokens that are not counted. `layers` lists the sources that count,
    and what is superseded because another layer reports the same requests. `agents` shows how the sessions of each
    agent are linked, over the token events that are still stored, and what to do about the others. `pull_requests` and
    `releases` show how many were enriched from the forge's API, and how many are known from webhooks alone. `repair`
    lists what cannot be recovered if webhooks are lost, with remedies. The default period is all time. The billed share
    covers the whole organization only, because bills do not name teams. The figures of one small team beside others
    are withheld.
    """
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        reason = None if team_id is None else await why_withheld(tenant, team_id, thresholds_of(settings))
        if reason is not None:
            return withheld(period, team, await read_policy(tenant), reason)
        coverage = await read_coverage(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        amounts = await read_layer_amounts(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        policy = await read_policy(tenant)
        double_counting = await read_double_counting(tenant, policy) if caller.team_id is None else []
        estimated = await read_estimated_total(tenant, team_id, period.first, period.last)
        billed, covered = await read_billed_coverage(tenant, period.first, period.last)
        forge = await read_forge_coverage(tenant, team_id, period.first, period.last)
        agents = await read_agent_links(tenant, team_id)
        dropped = (
            await read_dropped(tenant, first_day=period.first, last_day=period.last) if caller.team_id is None else []
        )
        limits = await read_repair_limits(tenant.connection, caller.organization_id) if caller.team_id is None else None
    is_billed = team_id is None and billed > 0
    settled = sum(coverage.by_evidence.values())
    return CoverageShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        settled_tokens=settled,
        evidence=evidence_coverage(coverage) if settled else None,
        basis=basis_coverage(coverage) if coverage.in_windows else None,
        estimated=estimated_share(coverage, estimated) if estimated else None,
        priced_share=1 - sum(coverage.unpriced.values()) / coverage.in_windows if coverage.in_windows else None,
        unpriced=unpriced_tokens(coverage),
        charged_by_piece=PieceCharges(**coverage.pieces._asdict()),
        billed_tokens=billed if is_billed else None,
        billed_share=coverage_of(covered, billed) if is_billed else None,
        intake_lag_seconds=IntakeLag(**coverage.lag._asdict()) if coverage.lag else None,
        requests=model_requests(coverage),
        layers=layer_coverage(policy, *amounts, double_counting),
        dropped=[DroppedRecords(**each._asdict()) for each in dropped],
        agents=[agent_coverage(each) for each in agents],
        pull_requests=pull_request_coverage(forge.pull_requests),
        releases=release_coverage(forge.releases),
        repair=repair_coverage(limits) if limits else None,
    )


def withheld(period: Period, team: str | None, policy: LayerPolicy, reason: str) -> CoverageShown:
    """Return the coverage of a small team, without figures."""
    unknown = ("settled_tokens", "evidence", "basis", "estimated", "priced_share", "charged_by_piece", "billed_tokens")
    rest = ("billed_share", "intake_lag_seconds", "pull_requests", "releases", "repair")
    return CoverageShown(
        first_day=period.first,
        last_day=period.last,
        team=team,
        **dict.fromkeys((*unknown, *rest)),
        unpriced=[],
        requests=[],
        dropped=[],
        agents=[],
        layers=layer_coverage(policy, [], [], []),
        withheld_reason=reason,
    )


def repair_coverage(limits: RepairLimits) -> RepairCoverage:
    """Describe what cannot be recovered if webhooks are lost."""
    cannot = [f"{limit.says}; {limit.remedy}" for limit in limits_of(limits)]
    return RepairCoverage(connections=limits.connections, webhooks_only=limits.webhooks_only, cannot=cannot)


def pull_request_coverage(counts: Mapping[str, int]) -> PullRequestCoverage:
    """Return the share of merged pull requests that are enriched."""
    share = counts["enriched"] / counts["merged"] if counts["merged"] else None
    return PullRequestCoverage(merged=counts["merged"], enriched_share=share, waiting=counts["waiting"])


def release_coverage(counts: Mapping[str, int]) -> ReleaseCoverage:
    """Count releases by how their pull requests are known."""
    return ReleaseCoverage(
        releases=counts["shipping"],
        imported=counts["imported"],
        compared=counts["compared"],
        by_time=counts["shipping"] - counts["imported"] - counts["compared"],
        waiting=counts["waiting"],
        notes_agreement=counts["confirmed"] / counts["noted"] if counts["noted"] else None,
    )


def evidence_coverage(coverage: Coverage) -> EvidenceCoverage:
    """Return settled tokens by evidence as shares; the total must not be 0."""
    settled = sum(coverage.by_evidence.values())
    names = EvidenceCoverage.__struct_fields__
    return EvidenceCoverage(**{name: coverage.by_evidence.get(name, 0) / settled for name in names})


def basis_coverage(coverage: Coverage) -> BasisCoverage:
    """Return tokens in windows by basis as shares; the total must not be 0."""
    names = BasisCoverage.__struct_fields__
    return BasisCoverage(**{name: coverage.by_basis.get(name, 0) / coverage.in_windows for name in names})


def model_requests(coverage: Coverage) -> list[ModelRequests]:
    """Return the measured requests of each model, most requests first."""
    shown = [
        ModelRequests(
            model=model,
            requests=outcomes.requests,
            failed_share=outcomes.failed / outcomes.judged if outcomes.judged else None,
            mean_latency_ms=outcomes.duration_ms / outcomes.timed if outcomes.timed else None,
        )
        for model, outcomes in coverage.by_model.items()
    ]
    return sorted(shown, key=lambda row: (-row.requests, row.model))


def unpriced_tokens(coverage: Coverage) -> list[UnpricedTokens]:
    """Return tokens without a price by model and tier, largest sum first."""
    by_size = sorted(coverage.unpriced.items(), key=lambda item: (-item[1], item[0]))
    return [UnpricedTokens(model=model, service_tier=tier, tokens=tokens) for (model, tier), tokens in by_size]


def estimated_share(coverage: Coverage, estimated: EstimatedTotal) -> EstimatedShare:
    """Return the estimated share of all tokens; only the estimate varies within its bounds, not the other tokens."""
    others = coverage.in_windows - coverage.by_basis.get(Basis.ESTIMATED, 0)

    def part(tokens: int) -> float:
        return tokens / (others + tokens) if tokens else 0.0

    return EstimatedShare(
        share=part(estimated.tokens),
        low=part(estimated.low),
        high=part(estimated.high),
        coverage=COVERAGE,
        unestimated_requests=estimated.unestimated_requests,
    )


ROUTES = [show_coverage]
