"""Replays a story through the service and the workers, and compares the ledger with its truth."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.benchmarks.evidence import scenarios
from tests.benchmarks.evidence.agents import Agent
from tests.benchmarks.evidence.story import OVERHEAD, Act, Checkout, Commit, Opened, Spent, Story
from tests.harness.bodies import SHOP, at, pull_request, push, sha
from tests.harness.company import Company
from tests.harness.otlp import JSON, Body, as_json

DIRECT = {"artifact", "commit", "branch"}


class Score(NamedTuple):
    """Tokens of stories, those on the right pull request, and those that direct evidence puts on a wrong one."""

    tokens: int
    right: int
    wrong: int

    def plus(self, other: "Score") -> "Score":
        """Return the sum of two scores."""
        return Score(*(one + another for one, another in zip(self, other, strict=True)))


def stories() -> list[Story]:
    """Return the story of each file of `scenarios`."""
    names = sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))
    return [importlib.import_module(f"{scenarios.__name__}.{name}").STORY for name in names]


async def replay(company: Company, story: Story, agent: Agent, *, hooks: bool) -> Score:
    """Send what happens in a story in order, run the workers, and score the ledger."""
    await company.receive(push("main", 5, "base"))
    begun = {"vcs.ref.head.name": story.began_on, "vcs.repository.url.full": SHOP}
    for act in sorted(story.acts, key=lambda each: each.hours):
        if isinstance(act, Opened):
            await company.receive(*_opened(act))
        elif isinstance(act, Spent):
            await _send(company, agent.signal, agent.spent(act, begun))
        elif isinstance(act, Commit) and agent.committed and not act.quiet:
            await _send(company, agent.signal, agent.committed(act, begun))
        if hooks and isinstance(act, Checkout | Commit):
            await _hook(company, agent, act)
    await company.drain()
    return score(story, await company.rows())


def score(story: Story, rows: list[tuple[int, str, float, int]]) -> Score:
    """Compare tokens by hour and pull request with the truth."""
    found: dict[tuple[int, int], int] = {}
    direct: dict[tuple[int, int], int] = {}
    for number, evidence, hour, tokens in rows:
        key = int(hour), number
        found[key] = found.get(key, 0) + tokens
        if evidence in DIRECT and number != OVERHEAD:
            direct[key] = direct.get(key, 0) + tokens
    truth = story.truth
    right = sum(min(tokens, found.get(key, 0)) for key, tokens in truth.items())
    wrong = sum(max(0, tokens - truth.get(key, 0)) for key, tokens in direct.items())
    return Score(sum(truth.values()), right, wrong)


def _opened(act: Opened) -> Iterator[Any]:
    yield push(act.branch, act.hours - 0.05, *act.commits)
    yield pull_request("opened", act.number, act.branch, act.hours, act.commits[-1], opened=act.hours)


async def _hook(company: Company, agent: Agent, act: Act) -> None:
    """Send what a Git hook knows."""
    assert isinstance(act, Checkout | Commit)
    item = {
        "session": f"CANARY-{act.session}",
        "agent": agent.name,
        "occurred_at": at(act.hours).isoformat(),
        "repository": SHOP,
        "branch": act.branch,
        "event": "commit" if isinstance(act, Commit) else "checkout",
        "source": "hook",
        **({"commit": sha(act.commit)} if isinstance(act, Commit) else {}),
    }
    answer = await company.client.post(
        "/api/v1/session-evidence", json={"items": [item]}, headers=company.organization.headers
    )
    assert answer.status_code == 200, answer.text


async def _send(company: Company, signal: str, body: Body) -> None:
    headers = {**company.organization.headers, **JSON}
    answer = await company.client.post(f"/v1/{signal}", content=as_json(body), headers=headers)
    assert answer.status_code == 200, answer.text
