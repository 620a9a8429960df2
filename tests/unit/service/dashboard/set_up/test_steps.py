from dataclasses import replace

from service.dashboard.set_up.facts import SetUpFacts
from service.dashboard.set_up.steps import linked_share, next_steps, telemetry_step
from service.queries.tokens.double_counting import DoubleCounting
from vocabulary.layers import Layer

URL = "http://127.0.0.1:8787"
COMPLETE = SetUpFacts(pull_requests=12, has_requests=True, evidence={"commit": 50, "branch": 15, "cohort": 35})


def names(facts: SetUpFacts) -> list[str]:
    return [step.name for step in next_steps(facts)]


def test_nothing_is_proposed_where_nothing_is_missing() -> None:
    assert names(COMPLETE) == []
    assert names(SetUpFacts()) == []


def test_links_are_proposed_where_less_than_three_fifths_of_the_tokens_have_one() -> None:
    assert names(replace(COMPLETE, evidence={"commit": 59, "cohort": 41})) == ["links"]
    assert names(replace(COMPLETE, evidence={"commit": 60, "cohort": 40})) == []


def test_what_may_be_counted_twice_comes_first() -> None:
    found = DoubleCounting("litellm", Layer.GATEWAY, ("codex",))
    assert names(replace(COMPLETE, evidence={"cohort": 1}, double_counting=(found,))) == ["layers", "links"]


def test_commands_name_this_instance() -> None:
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={URL}" in telemetry_step(URL).commands[0].text


def test_linked_share_counts_artifact_commit_and_branch() -> None:
    assert linked_share({"artifact": 1, "commit": 1, "branch": 1, "repository": 1}) == 0.75
    assert linked_share({}) == 0
