"""`python -m tests.benchmarks.evidence`: share of tokens on the right pull request, by agent and scenario."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import asyncpg
import click
import uvloop

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from tests.benchmarks.evidence.agents import AGENTS, Agent
from tests.benchmarks.evidence.replay import Score, replay, stories
from tests.harness.applications import application
from tests.harness.company import Company
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, redis_server, url_of
from tests.harness.service import serve
from tests.harness.settings import make_settings
from tests.harness.webhooks import Forge
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.settle_days import settle_days

SECRET = "a secret of the benchmark, long enough to be one"
NOTHING = Score(0, 0, 0)
# (agent, scenario, with hooks) to its score.
Scores = dict[tuple[str, str, bool], Score]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--agent", "names", multiple=True, help="Replay these agents only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(names: tuple[str, ...], as_json: bool) -> None:
    """Replay scenarios with known truth, by agent, without and with Git hooks."""
    agents = [agent for agent in AGENTS if not names or agent.name in names]
    with postgres() as socket_folder, redis_server() as redis_url:
        scores = uvloop.run(_measure(socket_folder, redis_url, agents))
    if as_json:
        click.echo(json.dumps([[*key, *score] for key, score in scores.items()]))
        return
    click.echo(f"{'':12} {'':34} {'without hooks':>22} {'with hooks':>22}")
    click.echo(f"{'agent':12} {'scenario':34} {'right':>10} {'wrong':>11} {'right':>10} {'wrong':>11}")
    for agent in agents:
        sums = {False: NOTHING, True: NOTHING}
        for story in stories():
            pair = {hooks: scores[agent.name, story.name, hooks] for hooks in (False, True)}
            sums = {hooks: sums[hooks].plus(score) for hooks, score in pair.items()}
            _print(agent.name, story.name, pair)
        _print(agent.name, "all", sums)


def _print(agent: str, scenario: str, pair: dict[bool, Score]) -> None:
    shares = " ".join(
        f"{score.right / score.tokens:>10.1%} {score.wrong / score.tokens:>11.1%}" for score in pair.values()
    )
    click.echo(f"{agent:12} {scenario:34} {shares}")


async def _measure(socket_folder: str, redis_url: str, agents: list[Agent]) -> Scores:
    scores: Scores = {}
    for agent in agents:
        for story in stories():
            for hooks in (False, True):
                async with _company(socket_folder, redis_url) as company:
                    scores[agent.name, story.name, hooks] = await replay(company, story, agent, hooks=hooks)
    return scores


@asynccontextmanager
async def _company(socket_folder: str, redis_url: str) -> AsyncIterator[Company]:
    """A new company on GitHub in a new database."""
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute("DROP DATABASE IF EXISTS evidence WITH (FORCE)")
    await administration.execute(f"CREATE DATABASE evidence TEMPLATE {TEMPLATE} OWNER shipledger")
    await administration.close()
    url = url_of(socket_folder, "evidence")
    settings = make_settings(database_url=url, redis_url=redis_url, secret_key=SECRET, refit_pause=timedelta())
    database, queue = Database(url), Queue(redis_url)
    await database.open()
    keys = OrganizationKeys(database, KeyRing.of(SECRET))
    context = WorkerContext(settings=settings, database=database, queue=queue, organization_keys=keys)
    organization = await make_organization(database, SECRET)
    try:
        with application(settings) as app:
            async with serve(app) as client:
                forge = await Forge.connect(client, organization, "github")
                yield Company(
                    client, database, organization, forge, partial(_work, context, organization.organization_id)
                )
    finally:
        await queue.close()
        await database.close()


async def _work(context: WorkerContext, organization_id: int) -> None:
    for job in (process_deliveries, fold_token_events, settle_days):
        await job(context, organization_id)


if __name__ == "__main__":
    main()
