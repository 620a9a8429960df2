import json
import shlex
from dataclasses import replace

from service.dashboard.set_up.facts import SetUpFacts
from service.dashboard.set_up.steps import linked_share, next_steps

URL = "http://127.0.0.1:8787"
COMPLETE = SetUpFacts(
    connections=1, pull_requests=12, token_requests=90, evidence={"commit": 50, "branch": 15, "cohort": 35}
)


def names(facts: SetUpFacts) -> list[str]:
    return [step.name for step in next_steps(facts, URL)]


def test_nothing_is_proposed_where_nothing_is_missing() -> None:
    assert names(COMPLETE) == []


def test_an_empty_instance_shows_the_steps_forge_and_telemetry_in_this_order() -> None:
    assert names(SetUpFacts()) == ["forge", "telemetry"]


def test_links_are_proposed_where_less_than_three_fifths_of_the_tokens_have_one() -> None:
    assert names(replace(COMPLETE, evidence={"commit": 59, "cohort": 41})) == ["links"]
    assert names(replace(COMPLETE, evidence={"commit": 60, "cohort": 40})) == []


def test_what_was_just_imported_is_not_proposed_again() -> None:
    before, after = (
        next_steps(replace(COMPLETE, connections=0, pull_requests=number, token_requests=9), URL)[0]
        for number in (0, 12)
    )
    assert any("import git" in command.text for command in before.commands)
    assert not any("import git" in command.text for command in after.commands)


def test_a_connection_that_never_delivered_is_not_called_complete() -> None:
    assert names(replace(COMPLETE, silent_connections=1)) == ["silent"]


def test_team_sizes_are_proposed_last() -> None:
    set_up = replace(COMPLETE, connections=0, teams_without_size=("web",))
    assert names(set_up) == ["forge", "team-sizes"]


def test_commands_name_this_instance() -> None:
    forge, telemetry = next_steps(SetUpFacts(), URL)
    assert (forge.commands[0].text, forge.page) == ("shipledger github create-app", "/github")
    assert f"{URL}/api/v1/connections" in forge.commands[1].text
    assert f"{URL}/webhooks/github/" in forge.commands[2].text
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={URL}" in telemetry.commands[0].text


def test_a_team_name_cannot_add_to_the_command_it_stands_in() -> None:
    name = "web'; touch /tmp/x; echo '"
    (step,) = next_steps(replace(COMPLETE, teams_without_size=(name,)), URL)
    words = shlex.split(step.commands[0].text.replace("\\\n", " "))
    assert json.loads(words[words.index("-d") + 1])["name"] == name
    assert words[-2] == "-d"


def test_linked_share_counts_artifact_commit_and_branch() -> None:
    assert linked_share({"artifact": 1, "commit": 1, "branch": 1, "repository": 1}) == 0.75
    assert linked_share({}) == 0
