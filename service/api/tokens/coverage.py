"""GET /api/v1/coverage: how far the figures can be trusted."""

from collections.abc import Mapping

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from schema.basis import Basis
from schema.database import Database
from schema.intervals import COVERAGE
from schema.layer_policies import read_policy
from service.api.billing.reconciliation_rows import coverage_of
from service.api.periods import From, To, read_period
from service.api.tokens.layer_rows import layer_coverage
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.coverage import (
    BasisCoverage,
    CoverageShown,
    EstimatedShare,
    EvidenceCoverage,
    IntakeLag,
    ModelRequests,
    PullRequestCoverage,
    ReleaseCoverage,
    RepairCoverage,
)
from service.queries.billing.reconciliation import read_billed_coverage
from service.queries.forge.forge_coverage import read_forge_coverage
from service.queries.forge.repair_limits import RepairLimits, read_repair_limits
from service.queries.forge.repair_sentences import limits_of
from service.queries.tokens.coverage import Coverage, read_coverage
from service.queries.tokens.double_counted import read_double_counting
from service.queries.tokens.gateway import EstimatedTotal, read_estimated_total
from service.queries.tokens.layer_amounts import read_layer_amounts


@get("/api/v1/coverage", guards=[requires("read")], summary="How far figures can be trusted", tags=["figures"])
async def show_coverage(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    team: FromQuery[str | None] = None,
    from_: From = None,
    to: To = None,
) -> CoverageShown:
    """Shares of tokens by evidence, by how they are known, with a price and of those billed, and how late they arrive.

    `requests` says by model how many there were, which share of them failed, and how long they took in the mean.
    `layers` says which sources count, and what was set aside since another layer tells the same requests.
    `pull_requests` and `releases` say how much of them the forge was asked for, and what is known by webhooks alone.
    `repair` says for which connections webhooks that were lost cannot be brought back, and what would let them be.
    Of all time unless told. Bills do not tell teams apart, so that their share is of the whole organization only.
    """
    period = read_period(from_, to)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        coverage = await read_coverage(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        amounts = await read_layer_amounts(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
        policy = await read_policy(tenant)
        doubts = await read_double_counting(tenant, policy) if caller.team_id is None else []
        estimated = await read_estimated_total(tenant, team_id, period.first, period.last)
        billed, covered = await read_billed_coverage(tenant, period.first, period.last)
        reported = await read_forge_coverage(tenant, team_id, period.first, period.last)
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
        priced_share=1 - coverage.unpriced / coverage.in_windows if coverage.in_windows else None,
        billed_tokens=billed if is_billed else None,
        billed_share=coverage_of(covered, billed) if is_billed else None,
        intake_lag_seconds=IntakeLag(**coverage.lag._asdict()) if coverage.lag else None,
        requests=model_requests(coverage),
        layers=layer_coverage(policy, *amounts, doubts),
        pull_requests=pull_request_coverage(reported.pull_requests),
        releases=release_coverage(reported.releases),
        repair=repair_coverage(limits) if limits else None,
    )


def repair_coverage(reported: RepairLimits) -> RepairCoverage:
    """What repair can and cannot do."""
    cannot = [f"{each.says}; {each.remedy}" for each in limits_of(reported)]
    return RepairCoverage(connections=reported.connections, webhooks_only=reported.webhooks_only, cannot=cannot)


def pull_request_coverage(reported: Mapping[str, int]) -> PullRequestCoverage:
    """How many of the merged pull requests are known as a whole."""
    share = reported["enriched"] / reported["merged"] if reported["merged"] else None
    return PullRequestCoverage(merged=reported["merged"], enriched_share=share, waiting=reported["waiting"])


def release_coverage(reported: Mapping[str, int]) -> ReleaseCoverage:
    """By what it is known what releases ship."""
    return ReleaseCoverage(
        releases=reported["shipping"],
        imported=reported["imported"],
        compared=reported["compared"],
        by_time=reported["shipping"] - reported["imported"] - reported["compared"],
        waiting=reported["waiting"],
        notes_agreement=reported["agreed"] / reported["noted"] if reported["noted"] else None,
    )


def evidence_coverage(coverage: Coverage) -> EvidenceCoverage:
    """Settled tokens by evidence as shares of all; there must be some."""
    settled = sum(coverage.by_evidence.values())
    names = EvidenceCoverage.__struct_fields__
    return EvidenceCoverage(**{name: coverage.by_evidence.get(name, 0) / settled for name in names})


def basis_coverage(coverage: Coverage) -> BasisCoverage:
    """Tokens in windows by how they are known, as shares of all; there must be some."""
    names = BasisCoverage.__struct_fields__
    return BasisCoverage(**{name: coverage.by_basis.get(name, 0) / coverage.in_windows for name in names})


def model_requests(coverage: Coverage) -> list[ModelRequests]:
    """How the measured requests of each model went, most requests first."""
    shown = [
        ModelRequests(
            model=model,
            requests=reported.requests,
            failed_share=reported.failed / reported.judged if reported.judged else None,
            mean_latency_ms=reported.duration_ms / reported.timed if reported.timed else None,
        )
        for model, reported in coverage.by_model.items()
    ]
    return sorted(shown, key=lambda row: (-row.requests, row.model))


def estimated_share(coverage: Coverage, estimated: EstimatedTotal) -> EstimatedShare:
    """The part of all tokens that was estimated; the others stand, so its bounds are those of the estimate alone."""
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
