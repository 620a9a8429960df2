"""Gaps in the links of an agent, each with what mends it."""

from datetime import UTC, datetime
from typing import Any

from service.queries.tokens.agent_links import LINKS, AgentLinks
from service.queries.tokens.agent_sentences import gaps_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def agent(name: str = "codex", *, without_session: int = 0, cut_off: int = 0, **tokens: int) -> AgentLinks:
    by_link: dict[str, Any] = dict.fromkeys(LINKS, 0) | tokens
    whole = sum(tokens.values())
    return AgentLinks(name, NOW, tokens=whole, cut_off=cut_off, without_session=without_session, tokens_by_link=by_link)


def test_an_agent_whose_sessions_are_linked_has_no_gap() -> None:
    assert gaps_of(agent(commit=95_000, none=5_000)) == []
    assert gaps_of(agent(none=9_000)) == [], "so few tokens say little"


def test_sessions_that_nothing_is_known_of_need_git_hooks() -> None:
    (gap,) = gaps_of(agent(commit=60_000, none=40_000))
    assert gap.says == "nothing says where sessions with 40 % of the tokens worked"
    assert "shipledger link install" in gap.remedy


def test_tokens_without_a_session_need_the_settings_of_their_agent() -> None:
    (gap,) = gaps_of(agent("gemini-cli", commit=60_000, none=40_000, without_session=40_000))
    assert gap.remedy.endswith("shipledger agent-config gemini")
    (gap,) = gaps_of(agent("our-bot", none=40_000, without_session=40_000))
    assert "session.id" in gap.remedy


def test_a_branch_that_only_a_resource_names_is_a_weak_link() -> None:
    (gap,) = gaps_of(agent(commit=60_000, start=40_000))
    assert "40 % of the tokens are linked only by the branch that their session began on" in gap.says


def test_sessions_that_worked_on_after_their_last_request_lost_some() -> None:
    (gap,) = gaps_of(agent(commit=60_000, cut_off=2))
    assert gap.says.startswith("2 sessions worked on after the last request")
    assert "local collector" in gap.remedy
