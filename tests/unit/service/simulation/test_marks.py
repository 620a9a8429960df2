"""A company gets labels and reverts, and nothing else of it changes."""

import json
from dataclasses import replace

from service.simulation.company import Company
from service.simulation.github_payloads import company_webhooks
from service.simulation.marks import with_marks
from vocabulary.reverts import read_pull_request


def test_only_labels_and_reverts_are_added(company: Company) -> None:
    marked = with_marks(company)
    plain = [
        replace(team, pull_requests=tuple(replace(each, labels=(), reverts=None) for each in team.pull_requests))
        for team in marked.teams
    ]
    assert replace(marked, teams=tuple(plain)) == company
    assert with_marks(company) == marked


def test_each_revert_is_of_a_merged_pull_request_that_ended_before(company: Company) -> None:
    pull_requests = [each for team in with_marks(company).teams for each in team.pull_requests]
    by_number = {(each.repository.path, each.number): each for each in pull_requests}
    reverting = [each for each in pull_requests if each.reverts]
    assert reverting
    assert len(reverting) < len(pull_requests) / 10
    for each in reverting:
        reverted = by_number[each.repository.path, each.reverts or 0]
        assert reverted.merged
        assert reverted.closed_at is not None
        assert reverted.closed_at < each.opened_at


def test_the_forge_says_both_in_its_own_words(company: Company) -> None:
    marked = with_marks(company)
    expected = {(each.repository.path, each.number): each for team in marked.teams for each in team.pull_requests}
    for webhook in company_webhooks(marked):
        payload = json.loads(webhook.body)
        if webhook.event != "pull_request":
            continue
        shown = payload["pull_request"]
        wanted = expected[payload["repository"]["full_name"], payload["number"]]
        assert tuple(label["name"] for label in shown["labels"]) == wanted.labels
        named = [each.number for each in read_pull_request(shown["title"], shown["body"]).named]
        assert named == ([wanted.reverts] if wanted.reverts else [])
