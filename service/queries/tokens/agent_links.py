"""How sessions of agents are linked, over the raw events and the session evidence that are still stored."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schema.database import Tenant
from vocabulary.session_evidence import EvidenceSource
from vocabulary.tokens import TOKEN_KINDS

# Strongest first. `start` is a branch that only a resource or a transcript names, `none` at most a repository.
LINKS = ("artifact", "commit", "branch", "start", "none")
# A session that works on for so long after its last request has lost requests.
CUT_OFF = timedelta(minutes=15)

# By session, or for events without one by source alone. An event names work itself, or its session does.
_SESSIONS = f"""
WITH event AS (
    SELECT source, session, sum({" + ".join(TOKEN_KINDS)})::bigint AS tokens, count(*) AS requests,
           max(occurred_at) AS last_at, bool_or(artifact IS NOT NULL OR number IS NOT NULL) AS has_number,
           bool_or(commit IS NOT NULL) AS has_commit, bool_or(branch IS NOT NULL) AS has_branch
      FROM token_event
     WHERE organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
     GROUP BY source, session
), seen AS (
    SELECT session, source AS known_by, max(occurred_at) AS last_at, bool_or(NOT is_start) AS is_seen,
           bool_or(artifact IS NOT NULL OR number IS NOT NULL) AS has_number,
           bool_or(commit IS NOT NULL) AS has_commit,
           bool_or(branch IS NOT NULL AND NOT is_start) AS has_branch, bool_or(branch IS NOT NULL) AS has_start
      FROM session_evidence
     WHERE organization_id = $1 AND session IN (SELECT session FROM event)
     GROUP BY session, source
), known AS (
    SELECT session,
           array_agg(known_by ORDER BY known_by) FILTER (WHERE has_number OR has_commit OR has_start) AS known_by,
           max(last_at) FILTER (WHERE is_seen) AS last_at, bool_or(has_number) AS has_number,
           bool_or(has_commit) AS has_commit, bool_or(has_branch) AS has_branch, bool_or(has_start) AS has_start
      FROM seen GROUP BY session
)
SELECT event.source, event.session IS NOT NULL AS has_session, known.known_by,
       CASE WHEN event.has_number OR known.has_number THEN 'artifact'
            WHEN event.has_commit OR known.has_commit THEN 'commit'
            WHEN event.has_branch OR known.has_branch THEN 'branch'
            WHEN known.has_start THEN 'start' ELSE 'none' END AS link,
       sum(event.tokens)::bigint AS tokens, sum(event.requests)::bigint AS requests, count(*) AS sessions,
       count(*) FILTER (WHERE known.last_at > event.last_at + $3::interval) AS cut_off, max(event.last_at) AS heard_at
  FROM event LEFT JOIN known ON known.session = event.session
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - composed of constants


@dataclass(slots=True)
class AgentLinks:
    """Sessions and tokens of an agent that are still stored raw, by how and from where they are linked.

    `cut_off` are sessions that were seen at work long after their last request.
    """

    agent: str
    heard_at: datetime
    requests: int = 0
    tokens: int = 0
    sessions: int = 0
    cut_off: int = 0
    without_session: int = 0
    tokens_by_link: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LINKS, 0))
    sessions_by_link: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LINKS, 0))
    tokens_by_source: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def linked_tokens(self) -> int:
        """Tokens of sessions that a number, a commit or a branch links."""
        return self.tokens - self.tokens_by_link["none"]

    @property
    def without_commit(self) -> int:
        """Sessions that neither made a commit nor opened a pull request, as far as is known."""
        return self.sessions - self.sessions_by_link["artifact"] - self.sessions_by_link["commit"]


async def read_agent_links(tenant: Tenant, team_id: int | None = None) -> list[AgentLinks]:
    """Return the links of each agent, most tokens first; empty if no raw event is stored."""
    agents: dict[str, AgentLinks] = {}
    for row in await tenant.fetch(_SESSIONS, team_id, CUT_OFF):
        agent = agents.setdefault(row["source"], AgentLinks(row["source"], row["heard_at"]))
        agent.heard_at = max(agent.heard_at, row["heard_at"])
        agent.requests += row["requests"]
        agent.tokens += row["tokens"]
        agent.tokens_by_link[row["link"]] += row["tokens"]
        if row["has_session"]:
            agent.sessions += row["sessions"]
            agent.cut_off += row["cut_off"]
            agent.sessions_by_link[row["link"]] += row["sessions"]
        else:
            agent.without_session += row["tokens"]
        if row["link"] != "none":
            # A token counts for each source of its session's evidence; what events say is telemetry's own record.
            for source in row["known_by"] or (EvidenceSource.RECORD,):
                agent.tokens_by_source[source] += row["tokens"]
    return sorted(agents.values(), key=lambda each: (-each.tokens, each.agent))
