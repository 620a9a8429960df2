"""Which models and prompt templates succeed others."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.outcomes.successors import FirstUse, Successor, find_new_templates, find_newer_models, is_newer

MONDAY = date(2026, 11, 16)


def used(*values: str) -> list[FirstUse]:
    """Names, each first used a day after the one before."""
    return [FirstUse(value, MONDAY + timedelta(days=place)) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("claude-sonnet-4-20250514", "claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4", "claude-sonnet-4-5"),
        ("claude-3-5-sonnet-20241022", "claude-3-7-sonnet-20250219"),
        ("claude-3-7-sonnet-20250219", "claude-sonnet-4-20250514"),
        ("claude-opus-4-8", "claude-opus-4-10"),
        ("gpt-4o", "gpt-4.1"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
        ("gpt-4-0314", "gpt-4-0613"),
        ("gemini-2.5-flash-preview-04-17", "gemini-2.5-flash-preview-05-20"),
        ("o3", "o4"),
        ("llama-3.1-405b-instruct", "llama-3.3-70b-instruct"),
        ("kimi-k2-0711", "kimi-k2.5"),
    ],
)
def test_a_model_is_newer_by_its_version_and_then_by_its_date(older: str, newer: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)
    assert find_newer_models(used(older, newer)) == [Successor(MONDAY + timedelta(days=1), older, newer)]
    assert find_newer_models(used(newer, older)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("llama-3.1-70b-instruct", "llama-3.1-405b-instruct"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
    ],
)
def test_another_date_or_size_alone_is_not_newer(one: str, other: str) -> None:
    assert find_newer_models(used(one, other)) == find_newer_models(used(other, one)) == []


def test_another_family_is_not_a_newer_model() -> None:
    assert find_newer_models(used("claude-sonnet-4-5", "claude-opus-4-8", "gpt-5", "gpt-5.1-codex")) == []


def test_of_several_models_that_begin_on_a_day_the_newest_succeeds_the_newest_before() -> None:
    tuesday = MONDAY + timedelta(days=1)
    models = [*used("claude-opus-4-5"), FirstUse("claude-opus-4-6", tuesday), FirstUse("claude-opus-4-8", tuesday)]
    assert find_newer_models(models) == [Successor(tuesday, "claude-opus-4-5", "claude-opus-4-8")]


def test_a_prompt_template_succeeds_the_last_one_of_its_name() -> None:
    first, second = (MONDAY + timedelta(days=days) for days in (2, 3))
    assert find_new_templates(used("triage-v1", "summary-3", "triage-v2", "summary-4.1")) == [
        Successor(first, "triage-v1", "triage-v2"),
        Successor(second, "summary-3", "summary-4.1"),
    ]
    assert [each.after for each in find_new_templates(used("v6", "v7", "v5"))] == ["v7", "v5"]


def test_templates_without_numbered_versions_follow_each_other() -> None:
    assert [each[1:] for each in find_new_templates(used("9f2c1ab", "c0ffee0", "terse"))] == [
        ("9f2c1ab", "c0ffee0"),
        ("c0ffee0", "terse"),
    ]


@given(st.lists(st.tuples(st.sampled_from(["gpt-4o", "gpt-4.1", "gpt-5", "o3", "o4"]), st.integers(0, 4)), max_size=12))
def test_the_order_in_which_first_uses_come_does_not_matter(drawn: list[tuple[str, int]]) -> None:
    uses = [FirstUse(value, MONDAY + timedelta(days=days)) for value, days in dict(drawn).items()]
    found = find_newer_models(uses)
    assert find_newer_models(reversed(uses)) == found
    assert all(is_newer(each.after, each.before) for each in found)
    assert len({each.after for each in found}) == len(found)
