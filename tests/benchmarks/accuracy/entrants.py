"""What is scored: the engine and an oracle in every setting, and peers' rules where they apply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from service.simulation.truth import TeamTruth
from tests.benchmarks.accuracy import engine, oracle, peers
from tests.benchmarks.accuracy.estimate import Estimate
from tests.benchmarks.accuracy.settings import Setting
from workers.attribution.methods import Method


@dataclass(frozen=True, slots=True)
class Entrant:
    """An attribution method in one setting, with its name in `label`."""

    label: str
    setting: Setting
    estimate: Callable[[TeamTruth, Setting], Estimate]


def engine_entrants(settings: Sequence[Setting], method: Method) -> list[Entrant]:
    """Return the engine in each setting."""
    estimate = partial(engine.estimate_tokens, method=method)
    return [Entrant(f"Shipledger, {method.name}", setting, estimate) for setting in settings]


def oracle_entrants(settings: Sequence[Setting]) -> list[Entrant]:
    """Return perfect knowledge of who worked when, in each setting."""
    return [
        Entrant("oracle: who worked when is known", setting, partial(_by_rule, oracle.sessions_known))
        for setting in settings
    ]


def peer_entrants(settings: Sequence[Setting]) -> list[Entrant]:
    """Return each rule in the settings whose information it uses."""
    without = [setting for setting in settings if not setting.links]
    linked = [setting for setting in settings if setting.links and not setting.repository]
    rules: list[tuple[str, peers.Rule, list[Setting]]] = [
        ("period total / merged pull requests (as Apache DevLake's panel)", peers.period_total, without[:1]),
        ("evenly from first commit to merge", peers.first_commit_to_merge, without),
        ("session to first open on branch (as LangWatch describes)", peers.first_on_branch, linked),
        ("turn evenly over open on branch (as CodeBurn describes)", peers.open_on_branch, linked),
    ]
    return [Entrant(label, setting, partial(_by_rule, rule)) for label, rule, chosen in rules for setting in chosen]


def _by_rule(rule: peers.Rule, team: TeamTruth, setting: Setting) -> Estimate:
    attributed = rule(team, setting)
    received = sum(event.tokens for event in team.token_events)
    tokens = {number: amount for number, amount in attributed.items() if number is not None}
    return Estimate(tokens, intervals=None, conservation_error=abs(received - sum(attributed.values())))
