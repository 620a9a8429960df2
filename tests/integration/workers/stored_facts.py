"""Rows as intake and deliveries store them, written straight by SQL, and short ways to read what jobs made of them."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from schema.database import Database
from schema.identifiers import RepositoryName
from tests.harness.organization import Organization

SHOP = RepositoryName("github.com", "octo/shop")


@dataclass(frozen=True)
class StoredFacts:
    """Writes and reads the rows of one organization; times are hours from `start`, tokens are uncached input."""

    database: Database
    organization: Organization
    start: datetime

    def at(self, hours: float) -> datetime:
        return self.start + timedelta(hours=hours)

    def name(self, text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    async def event(
        self,
        event: str,
        hours: float,
        tokens: int = 1000,
        *,
        model: str = "claude-sonnet-4-5",
        session: str | None = None,
        team_id: int | None = None,
        **evidence: bytes,
    ) -> None:
        """Store one waiting token event, a batch of its own, and count it at the door, as intake does at once."""
        organization_id = self.organization.organization_id
        team = team_id or self.organization.default_team_id
        async with self.database.organization(organization_id) as tenant:
            batch_id = await tenant.fetchval(
                "INSERT INTO intake_batch (organization_id, events) VALUES ($1, 1) RETURNING batch_id"
            )
            await tenant.execute(
                "INSERT INTO token_event (organization_id, batch_id, event_id, occurred_at, team_id, source, provider,"
                " model, workflow, prompt_template, context_tier, session, input_uncached, artifact, number, commit,"
                " branch, repository)"
                " VALUES ($1,$2,$3,$4,$5,'test','anthropic',$6,'','','',$7,$8,$9,$10,$11,$12,$13)",
                batch_id,
                self.name(event),
                self.at(hours),
                team,
                model,
                self.name(session) if session else None,
                tokens,
                *(evidence.get(kind) for kind in ("artifact", "number", "commit", "branch", "repository")),
            )
            await tenant.execute(
                "INSERT INTO intake_total AS kept (organization_id, team_id, day, requests, input_uncached)"
                " VALUES ($1, $2, $3, 1, $4) ON CONFLICT (organization_id, team_id, day)"
                " DO UPDATE SET requests = kept.requests + 1, input_uncached = kept.input_uncached + $4",
                team,
                self.at(hours).date(),
                tokens,
            )

    async def age(self, **ago: float) -> None:
        """Let everything raw have arrived so long before."""
        for table in ("token_event", "intake_batch", "session_trail", "session_evidence"):
            await self.execute(
                f"UPDATE {table} SET received_at = received_at - $2::interval WHERE organization_id = $1",
                timedelta(**ago),
            )

    async def evidence(self, session: str, hours: float, **evidence: bytes) -> None:
        """Store that a session was seen on a branch or to make a commit."""
        await self.execute(
            "INSERT INTO session_evidence (organization_id, evidence_id, session, occurred_at, commit, branch)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            self.name(f"{session} {hours} {evidence}"),
            self.name(session),
            self.at(hours),
            evidence.get("commit"),
            evidence.get("branch"),
        )

    async def pull_request(
        self,
        number: int,
        opened: float,
        ended: float | None = None,
        *,
        branch: str | None = None,
        commits: tuple[str, ...] = (),
        team_id: int | None = None,
    ) -> bytes:
        """Store a pull request of the shop with its opening as activity; returns its artifact id."""
        hasher = self.organization.hasher
        anchor = hasher.repository_by_id("github.com", 1)
        artifact_id = hasher.pull_request(anchor, number)
        await self.execute(
            "INSERT INTO repository (organization_id, artifact_id, forge, team_id) VALUES ($1, $2, 'github', $3)"
            " ON CONFLICT DO NOTHING",
            anchor,
            team_id,
        )
        await self._alias("repository", hasher.repository_by_name(SHOP), anchor)
        await self.execute(
            "INSERT INTO pull_request (organization_id, artifact_id, repository_id, number, head_repository_id,"
            " head_branch, base_branch, state, opened_at, merged_at, closed_at, forge_updated_at)"
            " VALUES ($1, $2, $3, $4, $3, $5, $6, $7, $8, $9, $9, $8)",
            artifact_id,
            anchor,
            hasher.number(number),
            hasher.branch(branch) if branch else None,
            hasher.branch("main"),
            "open" if ended is None else "merged",
            self.at(opened),
            None if ended is None else self.at(ended),
        )
        await self.execute(
            "INSERT INTO activity (organization_id, artifact_id, kind, reference, occurred_at)"
            " VALUES ($1, $2, 'open', $2, $3)",
            artifact_id,
            self.at(opened),
        )
        for commit in commits:
            await self._alias("commit", hasher.commit(commit), artifact_id)
        return artifact_id

    async def _alias(self, kind: str, alias: bytes, artifact_id: bytes) -> None:
        await self.execute(
            "INSERT INTO artifact_alias (organization_id, kind, alias, artifact_id) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            kind,
            alias,
            artifact_id,
        )

    async def ledger(self) -> dict[tuple[bytes, str], int]:
        """Tokens by artifact id and evidence."""
        totals = defaultdict[tuple[bytes, str], int](int)
        for row in await self.fetch("SELECT * FROM attribution WHERE organization_id = $1"):
            totals[row["artifact_id"], row["evidence"]] += row["input_uncached"]
        return dict(totals)

    async def windows(self) -> list[tuple[int, int]]:
        """Requests and tokens of each window, by hour."""
        rows = await self.fetch("SELECT * FROM token_window WHERE organization_id = $1 ORDER BY hour, input_uncached")
        return [(row["requests"], row["input_uncached"]) for row in rows]

    async def execute(self, query: str, *values: object) -> None:
        async with self.database.organization(self.organization.organization_id) as tenant:
            await tenant.execute(query, *values)

    async def fetch(self, query: str, *values: object) -> list[dict[str, object]]:
        async with self.database.organization(self.organization.organization_id) as tenant:
            return [dict(row) for row in await tenant.fetch(query, *values)]
