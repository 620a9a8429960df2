import hashlib
import hmac
import json
from collections import Counter

from service.simulation.company import Company
from service.simulation.github_payloads import company_webhooks

SECRET = "the hook's secret"


def test_signatures_are_of_the_body_that_is_sent(company: Company) -> None:
    for webhook in company_webhooks(company)[:50]:
        expected = hmac.new(SECRET.encode(), webhook.body, hashlib.sha256).hexdigest()
        assert webhook.headers(SECRET)["X-Hub-Signature-256"] == f"sha256={expected}"


def test_each_webhook_has_a_delivery_id_of_its_own_and_they_are_in_order_of_time(company: Company) -> None:
    webhooks = company_webhooks(company)
    assert len({webhook.delivery for webhook in webhooks}) == len(webhooks)
    assert [webhook.at for webhook in webhooks] == sorted(webhook.at for webhook in webhooks)


def test_webhooks_report_what_the_company_did(company: Company) -> None:
    opened, merged, closed, released = Counter[str](), Counter[str](), Counter[str](), 0
    for webhook in company_webhooks(company):
        payload = json.loads(webhook.body)
        repository = payload["repository"]["full_name"]
        if webhook.event == "pull_request" and payload["action"] == "opened":
            opened[repository] += 1
        if webhook.event == "pull_request" and payload["action"] == "closed":
            pull_request = payload["pull_request"]
            (merged if pull_request["merged"] else closed)[repository] += 1
            assert bool(pull_request["merged_at"]) == pull_request["merged"] == bool(pull_request["merge_commit_sha"])
        released += webhook.event == "release"
    pull_requests = [pull_request for team in company.teams for pull_request in team.pull_requests]
    assert opened == Counter(pull_request.repository.path for pull_request in pull_requests)
    assert merged == Counter(pull_request.repository.path for pull_request in pull_requests if pull_request.merged)
    assert closed.total() == sum(bool(each.closed_at) and not each.merged for each in pull_requests)
    assert released == sum(len(team.releases) for team in company.teams)


def test_every_commit_of_a_pull_request_is_pushed_to_its_branch(company: Company) -> None:
    pushed = {
        (payload["repository"]["full_name"], payload["ref"], commit["id"])
        for payload in (json.loads(webhook.body) for webhook in company_webhooks(company) if webhook.event == "push")
        for commit in payload["commits"]
    }
    for team in company.teams:
        for pull_request in team.pull_requests:
            for commit in pull_request.commits:
                assert (pull_request.repository.path, f"refs/heads/{pull_request.branch}", commit.sha) in pushed
