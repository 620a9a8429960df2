"""Rows of sign-in rules."""

from typing import NamedTuple

import asyncpg

from schema.database import Database, Tenant
from service.auth.members.matching import Identity, Rule
from service.auth.roles import Role

# The same group or domain has one role.
_SAVE = """
    INSERT INTO sign_in_rule (organization_id, provider, kind, value, role, team_id) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (organization_id, provider, kind, value)
    DO UPDATE SET role = excluded.role, team_id = excluded.team_id
    RETURNING rule_id
"""

_LIST = """
    SELECT rule.rule_id, rule.provider, rule.kind, rule.value, rule.role, team.name AS team, rule.created_at
    FROM sign_in_rule AS rule
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = rule.team_id
    WHERE rule.organization_id = $1
      AND ($2::bigint IS NULL OR rule.rule_id = $2)
      AND ($3::bigint IS NULL OR rule.rule_id > $3)
    ORDER BY rule.rule_id
    LIMIT $4
"""

_ONE = """
    SELECT rule_id, role FROM sign_in_rule WHERE organization_id = $1 AND provider = $2 AND kind = $3 AND value = $4
"""
_DELETE = "DELETE FROM sign_in_rule WHERE organization_id = $1 AND rule_id = $2 RETURNING rule_id"

_FIND = "SELECT organization_id, name, provider, kind, value, role, team_id FROM find_sign_in_rules($1, $2, $3)"


async def save_rule(tenant: Tenant, *, provider: str, kind: str, value: str, role: Role, team_id: int | None) -> int:
    """Store a rule, in place of one for the same group or domain; returns its id."""
    rule_id: int = await tenant.fetchval(_SAVE, provider, kind, value, role.value, team_id)
    return rule_id


async def read_rule(tenant: Tenant, provider: str, kind: str, value: str) -> asyncpg.Record | None:
    """Return rule_id and role of the rule for a group or domain."""
    return await tenant.fetchrow(_ONE, provider, kind, value)


async def list_rules(
    tenant: Tenant, *, rule_id: int | None = None, after: int | None = None, limit: int = 100
) -> list[asyncpg.Record]:
    """List rules by id: rule_id, provider, kind, value, role, team, created_at."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, rule_id, after, limit)
    return rows


async def delete_rule(tenant: Tenant, rule_id: int) -> bool:
    """Delete a rule; returns False if the organization has no such rule."""
    return await tenant.fetchval(_DELETE, rule_id) is not None


class Offer(NamedTuple):
    """A rule that may fit, and the name of its organization."""

    rule: Rule
    organization: str


async def find_rules(database: Database, identity: Identity) -> list[Offer]:
    """Find the rules of all organizations that may fit a person; `granted` decides."""
    groups, domains = ([each.casefold() for each in names] for names in (identity.groups, identity.domains))
    rows = [dict(row) for row in await database.look_up(_FIND, identity.provider, groups, domains)]
    return [Offer(organization=row.pop("name"), rule=Rule(**{**row, "role": Role(row["role"])})) for row in rows]
