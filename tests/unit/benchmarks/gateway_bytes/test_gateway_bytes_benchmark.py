import json

import numpy as np
from click.testing import CliRunner

from tests.benchmarks.gateway_bytes.__main__ import main
from tests.benchmarks.gateway_bytes.measure import FIRST_WEEK, splits
from tests.benchmarks.gateway_bytes.traffic import MODELS, OUTLIERS, traffic


def test_traffic_matches_its_description() -> None:
    made = traffic(MODELS[0], np.random.default_rng(1))
    assert 0.01 < np.mean(made.reported_input != made.input_tokens) < OUTLIERS
    assert made.input_tokens.min() >= 1
    assert 0.75 < made.stream.mean() < 0.85


def test_what_is_estimated_comes_after_what_it_is_calibrated_on() -> None:
    for each in splits(1):
        assert each.known.day.max() < FIRST_WEEK <= each.unknown.day.min()


def test_the_benchmark_prints_its_scores_as_json() -> None:
    answer = CliRunner().invoke(main, ["--seed", "1", "--companies", "1", "--json"])
    assert answer.exit_code == 0, answer.output
    drifts = {each["shift"]: each["seen"] for each in json.loads(answer.output)["drift"]}
    assert drifts[0.0] == 0
    assert drifts[0.25] == 1
    scores = {(each["method"], each["part"]): each for each in json.loads(answer.output)["scores"]}
    for part in ("input", "output"):
        ours = scores["Shipledger", part]
        assert ours["median"] < scores["ordinary least squares", part]["median"] < scores["bytes ÷ 4", part]["median"]
        assert 0.7 < ours["requests_held"] < 0.9
