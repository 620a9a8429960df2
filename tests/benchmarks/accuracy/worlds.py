"""`--worlds`: run the engine and simple rules in worlds that break the assumptions of attribution."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from service.simulation.plans import plan_varied_company
from service.simulation.simulator import MODEL
from service.simulation.truth import TeamTruth
from service.simulation.worlds import WORLDS
from tests.benchmarks.accuracy import oracle, peers
from tests.benchmarks.accuracy.engine_inputs import MONDAY
from tests.benchmarks.accuracy.reference import ReferenceFolderError, read_reference
from tests.benchmarks.accuracy.settings import REFERENCE_SETTINGS, Setting
from tests.benchmarks.accuracy.simulated import SimulatedTeam
from tests.benchmarks.accuracy.world_answers import Answers, answer, without_intervals
from tests.benchmarks.accuracy.world_scores import TeamLine, WorldLine, team_line, world_line
from workers.attribution.methods import ACTIVITY, Method

WEEKS = 8
# A handed folder in which bots' pull requests are those without tokens: nothing in its format says which they are.
BOTS = "e_bots"
SHIPLEDGER, KERNEL, UNIFORM, ORACLE = "Shipledger", "kernel", "uniform", "oracle"
PEERS: Mapping[str, peers.Rule] = {
    "LangWatch": peers.first_on_branch,
    "CodeBurn": peers.last_referenced,
    "nOps": peers.work_window,
    "ratio of totals": peers.period_total,
}


@dataclass(frozen=True, slots=True)
class World:
    """Teams of one world, simulated when they are needed."""

    name: str
    teams: Sequence[TeamTruth | SimulatedTeam]


class Row(NamedTuple):
    """The scores of an entrant in one world and setting."""

    world: str
    setting: str
    entrant: str
    scores: WorldLine


def read_worlds(folder: Path, most: int) -> list[World]:
    """Return the worlds in a folder of folders, at most so many teams of each; raises ReferenceFolderError."""
    folders = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    if not folders:
        raise ReferenceFolderError(f"{folder}: contains no folders of worlds")
    worlds = []
    for each in folders:
        teams = read_reference(each)[:most]
        worlds.append(World(each.name, teams))
        if each.name == BOTS:
            worlds.append(World(f"{BOTS}, flagged", [_flag_bots(team) for team in teams]))
    return worlds


def simulated_worlds(*, seed: int, teams: int, weeks: int = WEEKS, names: Iterable[str] = WORLDS) -> list[World]:
    """Return worlds of the simulator."""
    ends_at = MONDAY + timedelta(weeks=weeks, seconds=-1)
    plans = {
        name: plan_varied_company(seed=seed, ends_at=ends_at, weeks=weeks, teams=teams, world=name) for name in names
    }
    return [World(name, [SimulatedTeam(plan, each, MODEL) for each in range(teams)]) for name, plan in plans.items()]


def score_worlds(worlds: Sequence[World], method: Method, processes: int, *, with_peers: bool) -> list[Row]:
    """Return the scores of all entrants, world by world and setting by setting."""
    teams = [(world.name, team) for world in worlds for team in world.teams]
    work = partial(score_team, method=method, with_peers=with_peers)
    with get_context("spawn").Pool(processes) as pool:
        scored = pool.map(work, [team for _, team in teams], chunksize=1)
    rows = []
    for world in worlds:
        lines = [line for (name, _), line in zip(teams, scored, strict=True) if name == world.name]
        rows += [Row(world.name, *key, world_line([line[key] for line in lines])) for key in lines[0]]
    return rows


def score_team(team: TeamTruth | SimulatedTeam, method: Method, *, with_peers: bool) -> dict[tuple[str, str], TeamLine]:
    """Return the scores of one team by setting and entrant."""
    truth = team.truth() if isinstance(team, SimulatedTeam) else team
    lines: dict[tuple[str, str], TeamLine] = {}
    for setting in REFERENCE_SETTINGS:
        lines[setting.name, SHIPLEDGER] = team_line(answer(truth, setting, method))
        for name, answers in _others(truth, setting, with_peers=with_peers):
            lines[setting.name, name] = team_line(answers, has_intervals=False)
    return lines


def _others(team: TeamTruth, setting: Setting, *, with_peers: bool) -> Iterable[tuple[str, Answers]]:
    yield KERNEL, without_intervals(team, setting, ACTIVITY)
    rules: dict[str, peers.Rule] = {UNIFORM: peers.evenly_beside_links, ORACLE: oracle.sessions_known}
    for name, rule in {**rules, **(PEERS if with_peers else {})}.items():
        yield name, without_intervals(team, setting, rule)


def _flag_bots(team: TeamTruth) -> TeamTruth:
    flagged = (replace(each, is_bot=each.merged and not each.tokens) for each in team.pull_requests)
    return replace(team, pull_requests=tuple(flagged))
