"""FOCUS charges name the release that first shipped their pull request"""

import re
from collections.abc import Sequence

from alembic import op

revision: str = "202612010811"
down_revision: str | None = "202612010801"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")
TOTAL = " + ".join(KINDS)

# FOCUS: one charge per day, team, pull request (or overhead), model and workflow. Providers' names as they are sold.
SELLER = """CASE ledger_day.provider WHEN 'anthropic' THEN 'Anthropic' WHEN 'openai' THEN 'OpenAI' WHEN 'aws' THEN 'AWS'
            WHEN 'azure' THEN 'Microsoft' WHEN 'google' THEN 'Google' WHEN 'mistral' THEN 'Mistral AI'
            WHEN 'x-ai' THEN 'xAI' WHEN 'deepseek' THEN 'DeepSeek' WHEN 'cohere' THEN 'Cohere'
            WHEN 'github-copilot' THEN 'GitHub' WHEN '' THEN 'Unknown' ELSE ledger_day.provider END"""
SERVICE = f"""CASE ledger_day.provider WHEN 'aws' THEN 'Amazon Bedrock' WHEN 'azure' THEN 'Azure OpenAI'
            WHEN 'google' THEN 'Gemini API' WHEN 'github-copilot' THEN 'GitHub Copilot' ELSE {SELLER} || ' API' END"""
RESOURCE = "coalesce(ledger_day.artifact_id, 'overhead')"
TAGS = """jsonb_strip_nulls(jsonb_build_object('team', ledger_day.team, 'feature', ledger_day.feature,
           'workflow', nullif(ledger_day.workflow, ''), 'fate', ledger_day.fate{tag}))::text"""
FOCUS = f"""
CREATE {{replace}} VIEW reporting.focus_1_2 AS
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
       ledger_day.output_reasoning AS "x_TokensOutputReasoning"{{columns}}
  FROM reporting.ledger_day
  JOIN organization ON organization.organization_id = ledger_day.organization_id{{join}};

CREATE {{replace}} VIEW reporting.focus_1_4 AS
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
       "x_TokensCacheWrite", "x_TokensOutputVisible", "x_TokensOutputReasoning"{{names}}
  FROM reporting.focus_1_2;
"""

ARTIFACT = "'a1_' || encode({0}, 'hex')"
# The first of several releases, as the sums of releases count it.
SHIPPED = f"""
  LEFT JOIN (SELECT DISTINCT ON (link.organization_id, link.pull_request_id) link.organization_id,
                    {ARTIFACT.format("link.pull_request_id")} AS artifact_id,
                    {ARTIFACT.format("release.artifact_id")} AS release_id, release.label
               FROM release_pull_request AS link
               JOIN release
                 ON release.organization_id = link.organization_id AND release.artifact_id = link.release_id
              WHERE link.organization_id = reporting.organization()
              ORDER BY link.organization_id, link.pull_request_id, release.released_at, release.artifact_id) AS shipped
    ON shipped.organization_id = ledger_day.organization_id AND shipped.artifact_id = ledger_day.artifact_id"""
WITH_RELEASES = {
    "replace": "OR REPLACE",
    "tag": ", 'release', coalesce(shipped.label, shipped.release_id)",
    "columns": ',\n       shipped.release_id AS "x_Release", shipped.label AS "x_ReleaseName"',
    "join": SHIPPED,
    "names": ', "x_Release", "x_ReleaseName"',
}


def upgrade() -> None:
    _create(WITH_RELEASES)


def downgrade() -> None:
    op.execute("DROP VIEW reporting.focus_1_4, reporting.focus_1_2")
    _create(dict.fromkeys(WITH_RELEASES, ""))


def _create(parts: dict[str, str]) -> None:
    for statement in re.split(r";$", FOCUS.format(**parts).strip().removesuffix(";"), flags=re.MULTILINE):
        op.execute(statement)
