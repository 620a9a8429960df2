"""read-only views for reports: attributions, days of the ledger, pull requests, releases, FOCUS"""

import re
from collections.abc import Sequence

from alembic import op

revision: str = "202611301410"
down_revision: str | None = "202611301400"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")

# The views run with their owner's rights, so that a reporting role needs no right on tables, and name the organization
# themselves, also where their owner is a superuser whom row-level security does not bind.

_DEFAULT_TEAM = """(SELECT fallback.team_id FROM team AS fallback
        WHERE fallback.organization_id = {0}.organization_id AND fallback.is_default)"""
# The team of a pull request or release at an instant, as schema/team_of.py decides it.
_TEAM = """coalesce(
       (SELECT owning.team_id FROM code_owner AS owning
         WHERE owning.organization_id = {0}.organization_id AND owning.owner = {owner}),
       nullif(coalesce(
           (SELECT had.team_id FROM repository_team AS had
             WHERE had.organization_id = {0}.organization_id AND had.repository_id = {0}.repository_id
               AND had.until > {ended} ORDER BY had.until LIMIT 1),
           repository.team_id), {default}),
       {author}, {default})"""
TEAM_OF_PULL_REQUEST = _TEAM.format(
    "pull_request",
    owner="pull_request.owner",
    author="pull_request.author_team_id",
    ended="""CASE WHEN pull_request.state = 'open' THEN 'infinity'
                    ELSE coalesce(pull_request.merged_at, pull_request.closed_at, 'infinity') END""",
    default=_DEFAULT_TEAM.format("pull_request"),
)
TEAM_OF_RELEASE = _TEAM.format(
    "release",
    owner="NULL::bytea",
    author="NULL::bigint",
    ended="release.released_at",
    default=_DEFAULT_TEAM.format("release"),
)
FATE = """CASE WHEN {0}.artifact_id = '' THEN 'overhead'
            WHEN pull_request.state = 'merged' THEN 'merged'
            WHEN pull_request.state = 'open' THEN 'in_flight' ELSE 'abandoned' END"""
FEATURE = """(SELECT feature.name FROM feature
         JOIN pull_request_labels AS labelled
           ON labelled.organization_id = feature.organization_id AND labelled.labels && feature.labels
        WHERE feature.organization_id = pull_request.organization_id
          AND labelled.artifact_id = pull_request.artifact_id
        ORDER BY feature.name LIMIT 1)"""
ARTIFACT = "CASE WHEN {0} <> '' THEN 'a1_' || encode({0}, 'hex') END"
TOTAL = " + ".join(KINDS)

VIEWS = f"""
CREATE SCHEMA reporting;

CREATE FUNCTION reporting.organization() RETURNS bigint STABLE LANGUAGE sql
    AS $$ SELECT nullif(current_setting('shipledger.organization_id', true), '')::bigint $$;

CREATE VIEW reporting.attribution AS
SELECT attribution.organization_id, attribution.team_id, team.name AS team, attribution.day, attribution.hour,
       {ARTIFACT.format("attribution.artifact_id")} AS artifact_id, pull_request.label AS pull_request,
       {FATE.format("attribution")} AS fate, attribution.evidence, token_window.source, token_window.provider,
       token_window.model, token_window.model_family, token_window.context_tier, token_window.workflow,
       token_window.prompt_template, token_window.service_tier,
       {", ".join(f"attribution.{kind}" for kind in KINDS)},
       attribution.cost_nano_usd::numeric / 1000000000 AS list_cost_usd, attribution.method
  FROM attribution
  JOIN team ON team.organization_id = attribution.organization_id AND team.team_id = attribution.team_id
  JOIN token_window
    ON token_window.organization_id = attribution.organization_id AND token_window.team_id = attribution.team_id
   AND token_window.hour = attribution.hour AND token_window.window_id = attribution.window_id
  LEFT JOIN pull_request
    ON pull_request.organization_id = attribution.organization_id
   AND pull_request.artifact_id = attribution.artifact_id
 WHERE attribution.organization_id = reporting.organization();

CREATE VIEW reporting.ledger_day AS
SELECT entry.organization_id, entry.team_id, team.name AS team, entry.day,
       {ARTIFACT.format("entry.artifact_id")} AS artifact_id, pull_request.label AS pull_request, repository.forge,
       coalesce(repository.label, {ARTIFACT.format("repository.artifact_id")}) AS repository,
       {FATE.format("entry")} AS fate, {FEATURE} AS feature, entry.evidence, entry.provider, entry.model, entry.workflow,
       {", ".join(f"entry.{kind}" for kind in KINDS)},
       entry.cost_nano_usd::numeric / 1000000000 AS list_cost_usd,
       CASE WHEN priced.day IS NULL THEN entry.cost_nano_usd ELSE coalesce(cost.effective_nano_usd, 0) END::numeric
           / 1000000000 AS effective_cost_usd,
       coalesce(cost.billed_nano_usd, 0)::numeric / 1000000000 AS billed_cost_usd
  FROM (SELECT attribution.organization_id, attribution.team_id, attribution.day, attribution.artifact_id,
               attribution.evidence, token_window.provider, token_window.model, token_window.workflow,
               {", ".join(f"sum(attribution.{kind})::bigint AS {kind}" for kind in (*KINDS, "cost_nano_usd"))}
          FROM attribution
          JOIN token_window
            ON token_window.organization_id = attribution.organization_id
           AND token_window.team_id = attribution.team_id AND token_window.hour = attribution.hour
           AND token_window.window_id = attribution.window_id
         WHERE attribution.organization_id = reporting.organization()
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) AS entry
  JOIN team ON team.organization_id = entry.organization_id AND team.team_id = entry.team_id
  LEFT JOIN pull_request
    ON pull_request.organization_id = entry.organization_id AND pull_request.artifact_id = entry.artifact_id
  LEFT JOIN repository
    ON repository.organization_id = entry.organization_id AND repository.artifact_id = pull_request.repository_id
  LEFT JOIN reconciled_day AS priced
    ON priced.organization_id = entry.organization_id AND priced.team_id = entry.team_id AND priced.day = entry.day
  LEFT JOIN ledger_cost AS cost
    ON cost.organization_id = entry.organization_id AND cost.team_id = entry.team_id AND cost.day = entry.day
   AND cost.artifact_id = entry.artifact_id AND cost.evidence = entry.evidence AND cost.provider = entry.provider
   AND cost.model = entry.model AND cost.workflow = entry.workflow;

CREATE VIEW reporting.pull_request AS
SELECT pull_request.organization_id, team.team_id, {ARTIFACT.format("pull_request.artifact_id")} AS artifact_id,
       pull_request.label AS pull_request, repository.forge,
       coalesce(repository.label, {ARTIFACT.format("repository.artifact_id")}) AS repository, team.name AS team,
       pull_request.state, pull_request.draft, pull_request.is_bot, {FEATURE} AS feature, pull_request.opened_at,
       pull_request.merged_at, pull_request.closed_at, pull_request.changed_lines, pull_request.changed_files,
       outcome.pushes_after_opening, outcome.review_rounds, outcome.reverted_at, outcome.fix_released_at,
       {", ".join(f"coalesce(spent.{kind}, 0) AS {kind}" for kind in KINDS)},
       coalesce(spent.linked_tokens, 0) AS linked_tokens,
       coalesce(spent.cost_nano_usd, 0)::numeric / 1000000000 AS list_cost_usd
  FROM pull_request
  JOIN repository
    ON repository.organization_id = pull_request.organization_id
   AND repository.artifact_id = pull_request.repository_id
  LEFT JOIN team
    ON team.organization_id = pull_request.organization_id AND team.team_id = {TEAM_OF_PULL_REQUEST}
  LEFT JOIN outcome
    ON outcome.organization_id = pull_request.organization_id AND outcome.artifact_id = pull_request.artifact_id
  LEFT JOIN (SELECT organization_id, artifact_id,
                    {", ".join(f"sum({kind})::bigint AS {kind}" for kind in (*KINDS, "cost_nano_usd"))},
                    sum({TOTAL}) FILTER (WHERE evidence IN ('artifact', 'commit', 'branch'))::bigint AS linked_tokens
               FROM attribution_rollup
              WHERE organization_id = reporting.organization() AND artifact_id <> '' GROUP BY 1, 2) AS spent
    ON spent.organization_id = pull_request.organization_id AND spent.artifact_id = pull_request.artifact_id
 WHERE pull_request.organization_id = reporting.organization();

CREATE VIEW reporting.release AS
SELECT release.organization_id, team.team_id, {ARTIFACT.format("release.artifact_id")} AS release_id, release.label AS release,
       repository.forge, coalesce(repository.label, {ARTIFACT.format("repository.artifact_id")}) AS repository,
       team.name AS team, release.state, release.released_at, release.is_prerelease,
       (SELECT count(*) FROM release_pull_request AS shipped
         WHERE shipped.organization_id = release.organization_id AND shipped.release_id = release.artifact_id)
           AS pull_requests
  FROM release
  JOIN repository
    ON repository.organization_id = release.organization_id AND repository.artifact_id = release.repository_id
  LEFT JOIN team ON team.organization_id = release.organization_id AND team.team_id = {TEAM_OF_RELEASE}
 WHERE release.organization_id = reporting.organization();

CREATE VIEW reporting.release_pull_request AS
SELECT organization_id, {ARTIFACT.format("release_id")} AS release_id,
       {ARTIFACT.format("pull_request_id")} AS artifact_id
  FROM release_pull_request
 WHERE organization_id = reporting.organization();
"""

# FOCUS: one charge per day, team, pull request (or overhead), model and workflow. Providers' names as they are sold.
SELLER = """CASE ledger_day.provider WHEN 'anthropic' THEN 'Anthropic' WHEN 'openai' THEN 'OpenAI' WHEN 'aws' THEN 'AWS'
            WHEN 'azure' THEN 'Microsoft' WHEN 'google' THEN 'Google' WHEN 'mistral' THEN 'Mistral AI'
            WHEN 'x-ai' THEN 'xAI' WHEN 'deepseek' THEN 'DeepSeek' WHEN 'cohere' THEN 'Cohere'
            WHEN 'github-copilot' THEN 'GitHub' WHEN '' THEN 'Unknown' ELSE ledger_day.provider END"""
SERVICE = f"""CASE ledger_day.provider WHEN 'aws' THEN 'Amazon Bedrock' WHEN 'azure' THEN 'Azure OpenAI'
            WHEN 'google' THEN 'Gemini API' WHEN 'github-copilot' THEN 'GitHub Copilot' ELSE {SELLER} || ' API' END"""
RESOURCE = "coalesce(ledger_day.artifact_id, 'overhead')"
TAGS = """jsonb_strip_nulls(jsonb_build_object('team', ledger_day.team, 'feature', ledger_day.feature,
           'workflow', nullif(ledger_day.workflow, ''), 'fate', ledger_day.fate))::text"""
FOCUS = f"""
CREATE VIEW reporting.focus_1_2 AS
SELECT ledger_day.organization_id, ledger_day.team_id, ledger_day.day,
       ledger_day.billed_cost_usd AS "BilledCost", 'shipledger-' || ledger_day.organization_id AS "BillingAccountId",
       organization.name AS "BillingAccountName", 'USD' AS "BillingCurrency",
       (date_trunc('month', ledger_day.day::timestamp) + interval '1 month') AS "BillingPeriodEnd",
       date_trunc('month', ledger_day.day::timestamp) AS "BillingPeriodStart", 'Usage' AS "ChargeCategory",
       NULL::text AS "ChargeClass",
       'Tokens of ' || coalesce(nullif(ledger_day.model, ''), 'an unknown model') || ', '
           || replace(ledger_day.fate, '_', ' ') AS "ChargeDescription",
       'Usage-Based' AS "ChargeFrequency", (ledger_day.day + 1)::timestamp AS "ChargePeriodEnd",
       ledger_day.day::timestamp AS "ChargePeriodStart",
       NULL::text AS "CommitmentDiscountStatus", ({TOTAL})::numeric AS "ConsumedQuantity", 'Tokens' AS "ConsumedUnit",
       ledger_day.effective_cost_usd AS "ContractedCost", ledger_day.effective_cost_usd AS "EffectiveCost",
       NULL::text AS "InvoiceId", {SELLER} AS "InvoiceIssuerName", ledger_day.list_cost_usd AS "ListCost", 'Standard' AS "PricingCategory",
       ({TOTAL})::numeric AS "PricingQuantity", 'Tokens' AS "PricingUnit", {SELLER} AS "ProviderName",
       {SELLER} AS "PublisherName", {RESOURCE} AS "ResourceId", ledger_day.pull_request AS "ResourceName",
       CASE WHEN ledger_day.artifact_id IS NULL THEN 'Overhead' ELSE 'Pull Request' END AS "ResourceType",
       'AI and Machine Learning' AS "ServiceCategory", {SERVICE} AS "ServiceName",
       'Generative AI' AS "ServiceSubcategory", 'team-' || ledger_day.team_id AS "SubAccountId",
       ledger_day.team AS "SubAccountName", {TAGS} AS "Tags",
       'shipledger/' || ledger_day.evidence AS "x_AllocatedMethodId", {RESOURCE} AS "x_AllocatedResourceId",
       ledger_day.pull_request AS "x_AllocatedResourceName", {TAGS} AS "x_AllocatedTags",
       ledger_day.evidence AS "x_Evidence", ledger_day.fate AS "x_Fate", ledger_day.feature AS "x_Feature",
       ledger_day.model AS "x_Model", ledger_day.provider AS "x_Provider", ledger_day.repository AS "x_Repository", ledger_day.workflow AS "x_Workflow",
       ledger_day.input_uncached AS "x_TokensInputUncached", ledger_day.cache_read AS "x_TokensCacheRead",
       ledger_day.cache_write AS "x_TokensCacheWrite", ledger_day.output_visible AS "x_TokensOutputVisible",
       ledger_day.output_reasoning AS "x_TokensOutputReasoning"
  FROM reporting.ledger_day
  JOIN organization ON organization.organization_id = ledger_day.organization_id;

CREATE VIEW reporting.focus_1_4 AS
SELECT organization_id, team_id, day, 'shipledger/' || "x_Evidence" AS "AllocatedMethodId",
       "x_AllocatedResourceId" AS "AllocatedResourceId", "x_AllocatedResourceName" AS "AllocatedResourceName",
       "x_AllocatedTags" AS "AllocatedTags", "BilledCost", "BillingAccountId", "BillingAccountName",
       "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
       "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
       "CommitmentDiscountStatus", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost", "PublisherName" AS "HostProviderName",
       "InvoiceId", "InvoiceIssuerName", "ListCost", "PricingCategory", "PricingQuantity", "PricingUnit", "ResourceId",
       "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ProviderName" AS "ServiceProviderName",
       "ServiceSubcategory", "SubAccountId", "SubAccountName", "Tags", "x_Evidence", "x_Fate", "x_Feature",
       "x_Model", "x_Provider", "x_Repository", "x_Workflow", "x_TokensInputUncached", "x_TokensCacheRead",
       "x_TokensCacheWrite", "x_TokensOutputVisible", "x_TokensOutputReasoning"
  FROM reporting.focus_1_2;
"""


def upgrade() -> None:
    for statements in (VIEWS, FOCUS):
        for statement in re.split(r";$", statements.strip().removesuffix(";"), flags=re.MULTILINE):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA reporting CASCADE")
