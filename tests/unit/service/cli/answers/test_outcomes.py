from typing import Any

from service.cli.answers.outcomes import study_lines


def prompt(name: str, rank: int | None, more: float | None = None) -> dict[str, Any]:
    known = {"workflow": "support", "prompt_version": name, "rank": rank, "tokens_per_outcome": 40_000.4}
    return {**known, "low": 38_000, "high": 42_000, "than_first": None if more is None else {"change": more}}


def test_ranked_prompts_come_with_their_interval_and_what_they_need_beside_the_first() -> None:
    study = {"prompts": [prompt("v7", 1), prompt("v6", 2, 0.25), prompt("v8", None)], "success": None, "quality": None}

    assert study_lines(study) == [
        "",
        "Prompts by tokens for an outcome (12 weeks):",
        "  1. support v7: 40.0 k (38.0 k to 42.0 k)",
        "  2. support v6: 40.0 k (38.0 k to 42.0 k), +25 % beside the first",
    ]


def test_where_more_tokens_stop_helping_is_said_in_words() -> None:
    study = {"prompts": [], "success": {"flat_from": 12_000.0}, "quality": {"flat_from": None}}

    assert study_lines(study) == [
        "",
        "Success: hardly rises from 12.0 k tokens for an outcome on (an association)",
        "",
        "Quality: rises with tokens as far as the data go (an association)",
    ]
    assert study_lines({}) == []
