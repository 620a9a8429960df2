import json

import msgspec
import numpy as np

from service.contracts.effects.study import EffectsFound
from workers.statistics.estimates import Estimate
from workers.statistics.history import History, study_history
from workers.statistics.report import Versions, effect, report
from workers.statistics.study import Size
from workers.statistics.trials import Trial, study_trial
from workers.statistics.verdict import Outcome
from workers.statistics.version_changes import PER_ENDED, PER_REQUEST, VersionChange
from workers.statistics.versions import Design

MEASURES = (*PER_REQUEST, *PER_ENDED)


def test_a_report_is_what_the_api_shows() -> None:
    random = np.random.default_rng(1)
    begin = np.array([16, 18, 20, 22, 24, 26, *[99] * 7])
    tokens = np.where(np.arange(36) >= begin[:, None], random.uniform(500, 2000, (13, 36)), 0.0)
    merged = random.poisson(np.where(tokens > 0, 9.0, 6.0)).astype(float)
    outcomes = {Outcome.TOKENS: tokens, Outcome.MERGED: merged}
    change = VersionChange("review/6", "review/7", Design.SIDE_BY_SIDE, 6, dict.fromkeys(MEASURES), "Fewer tokens.")
    history = History(np.full(13, 8.0), outcomes, {})
    given = np.arange(13) % 2 == 0
    trial = study_trial(Trial("reviewer", 20, given, ~given), history, Size(5, 20))
    found = report(study_history(history, Size(5, 20)), Versions((change,), ()), trials=(trial,))

    shown = msgspec.json.decode(json.dumps(found), type=EffectsFound)

    rest = {"version_pairs": [], "iterations": None}
    assert {**msgspec.to_builtins(shown), **rest} == json.loads(json.dumps(found))
    merged_effect = shown.adoption.outcomes[1]
    assert [each.week for each in merged_effect.weeks if each.week < 0] == list(range(-8, 0))
    assert [each.weeks_before for each in merged_effect.false_dates] == [4, 8]
    assert shown.returns is not None
    (by_chance,) = shown.randomised
    assert (by_chance.name, by_chance.weeks, by_chance.given, by_chance.held_back) == ("reviewer", 16, 7, 6)


def test_what_no_number_can_tell_is_null() -> None:
    assert effect(None) is None
    shown = effect(Estimate(0.0, 1e6, 10))
    assert shown is not None
    assert (shown["change"], shown["smallest_visible"]) == (0.0, None)
