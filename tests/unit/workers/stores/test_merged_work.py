"""What most tokens of a pull request were spent with."""

from typing import Any

from workers.stores.ledger.merged_work import Spent


def row(tier: str, family: str, tokens: int, output: int = 0) -> dict[str, Any]:
    return {
        "context_tier": tier,
        "model_family": family,
        "prompt_version": "",
        "tokens": tokens,
        "output": output,
    }


def test_tokens_are_summed_by_each_dimension_alone() -> None:
    spent = Spent()
    for each in (row("1m", "opus", 40, 4), row("", "sonnet", 35, 3), row("", "opus", 10, 1)):
        spent.add(each)

    assert (spent.most("context_tier"), spent.most("model_family"), spent.most("prompt_version")) == ("", "opus", "")
    assert spent.output == 8


def test_equal_tokens_belong_to_the_first_by_name() -> None:
    spent = Spent()
    spent.add(row("1m", "b", 5))
    spent.add(row("200k", "a", 5))

    assert (spent.most("context_tier"), spent.most("model_family")) == ("1m", "a")


def test_a_pull_request_without_tokens_was_made_with_nothing() -> None:
    spent = Spent()
    assert spent.most("context_tier") is None
    spent.add(row("1m", "a", 0))
    assert spent.most("context_tier") is None
