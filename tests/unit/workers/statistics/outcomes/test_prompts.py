import numpy as np
import pytest

from workers.statistics.outcomes.prompts import PromptDays, rank_prompts, tokens_per_outcome


def days(**prompts: tuple[float, int]) -> PromptDays:
    """Days of prompts of one workflow: tokens per outcome, and number of days with 5 to 14 outcomes each."""
    rows = [(name, 5.0 + (day * 7) % 10, ratio) for name, (ratio, number) in prompts.items() for day in range(number)]
    outcomes = np.array([each[1] for each in rows])
    wave = np.array([1 + 0.1 * (-1) ** place for place in range(len(rows))])
    ones = np.ones(len(rows))
    return PromptDays(
        ("support",) * len(rows),
        tuple(each[0] for each in rows),
        tokens=outcomes * np.array([each[2] for each in rows]) * wave,
        nano_usd=outcomes * 1000,
        outcomes=outcomes,
        successes=outcomes / 2,
        with_success=outcomes,
        quality=0 * ones,
        with_quality=0 * ones,
    )


def test_prompts_are_ranked_by_tokens_per_outcome_and_compared_with_the_first() -> None:
    first, second = rank_prompts(days(v6=(1000, 20), v7=(800, 20)))

    assert [(each.prompt, each.rank) for each in (first, second)] == [("v7", 1), ("v6", 2)]
    assert first.than_first is None
    assert second.than_first is not None
    assert second.than_first.change == pytest.approx(0.25, abs=0.001)
    assert second.than_first.low < 0.25 < second.than_first.high
    assert (first.success_rate, first.quality) == (0.5, None)


def test_a_prompt_with_few_days_has_no_rank_and_comes_last() -> None:
    ranked = rank_prompts(days(v1=(10, 7), v2=(1000, 8)))

    assert [(each.prompt, each.rank) for each in ranked] == [("v2", 1), ("v1", None)]
    assert ranked[1].outcomes > 20


def test_workflows_are_ranked_apart() -> None:
    both = days(v1=(1000, 10), v2=(800, 10))
    moved = PromptDays(
        tuple("sales" if name == "v1" else "support" for name in both.prompts),
        both.prompts,
        *(getattr(both, name) for name in PromptDays.__dataclass_fields__ if name not in {"workflows", "prompts"}),
    )

    assert [(each.workflow, each.rank) for each in rank_prompts(moved)] == [("sales", 1), ("support", 1)]


def test_intervals_of_simulated_prompts_contain_the_truth() -> None:
    random = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        outcomes = random.poisson(12, 30).astype(np.float64)
        tokens = outcomes * 900 * random.lognormal(-0.08, 0.4, 30)
        found = tokens_per_outcome(tokens, outcomes)
        assert found is not None
        inside.append(abs(found.log_ratio - np.log(900)) <= found.margin)

    assert 0.91 <= np.mean(inside) <= 0.98
