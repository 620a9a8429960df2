"""Converts GitHub's GraphQL answers to facts through the readers of webhook payloads. Pure.

An answer is converted to the shape of a payload first, so that both sources give equal facts.
"""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from workers.forge_events.github.pull_request import pull_request_facts
from workers.forge_events.github.release import read_release
from workers.forge_events.github.tag import tag_facts
from workers.forge_events.model import ActivityFacts, ActivityKind, PullRequestFacts, ReleaseFacts
from workers.forge_events.reading import Envelope, Json, commit, instant, items, mapping, required, text


def repository_payload(node: Json) -> dict[str, Any]:
    """Return a repository in the shape of a webhook payload."""
    return {
        "id": node.get("databaseId"),
        "full_name": node.get("nameWithOwner"),
        "html_url": node.get("url"),
        "default_branch": text(mapping(node, "defaultBranchRef"), "name"),
        "updated_at": node.get("updatedAt"),
        "pushed_at": node.get("pushedAt"),
    }


def read_pull_request(node: Json, repository: Json, envelope: Envelope) -> PullRequestFacts:
    """Return a pull request with all commits and reviews; raises IncompletePayloadError."""
    reviews = [
        ActivityFacts(ActivityKind.REVIEW, f"review/{number}", at)
        for each in items(mapping(node, "reviews"), "nodes")
        # A review that is not submitted yet does not count.
        if (number := _number(each.get("fullDatabaseId"))) and (at := instant(each, "submittedAt"))
    ]
    commits = [
        ActivityFacts(ActivityKind.COMMIT, sha, at)
        for each in items(mapping(node, "commits"), "nodes")
        if (sha := commit(mapping(each, "commit"), "oid")) and (at := instant(mapping(each, "commit"), "authoredDate"))
    ]
    payload = {"repository": repository, "pull_request": _pull_request_payload(node, repository)}
    facts = pull_request_facts(payload, envelope, (*commits, *reviews))
    shas = dict.fromkeys((*facts.commits, *(each.reference for each in commits)))
    return replace(facts, commits=tuple(shas))


def _pull_request_payload(node: Json, repository: Json) -> dict[str, Any]:
    head = mapping(node, "headRepository")
    return {
        "number": node.get("number"),
        "state": "open" if node.get("state") == "OPEN" else "closed",
        "merged": node.get("state") == "MERGED",
        "title": node.get("title"),
        "body": node.get("body"),
        "draft": node.get("isDraft"),
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "closed_at": node.get("closedAt"),
        "merged_at": node.get("mergedAt"),
        "additions": node.get("additions"),
        "deletions": node.get("deletions"),
        "changed_files": node.get("changedFiles"),
        "merge_commit_sha": mapping(node, "mergeCommit").get("oid"),
        "labels": items(mapping(node, "labels"), "nodes"),
        "head": {
            "ref": node.get("headRefName"),
            "sha": node.get("headRefOid"),
            "repo": repository_payload(head) if head else None,
        },
        "base": {"ref": node.get("baseRefName"), "repo": repository},
    }


def read_release_node(node: Json, repository: Json, envelope: Envelope) -> ReleaseFacts:
    """Return a release with the commit of its tag, which payloads lack; raises IncompletePayloadError."""
    release = {
        "tag_name": node.get("tagName"),
        "draft": node.get("isDraft"),
        "prerelease": node.get("isPrerelease"),
        "created_at": node.get("createdAt"),
        "published_at": node.get("publishedAt"),
        "updated_at": node.get("updatedAt"),
    }
    facts = read_release({"repository": repository, "release": release}, envelope)
    return replace(facts, commit=commit(mapping(node, "tagCommit"), "oid"))


def read_tag_node(node: Json, repository: Json, envelope: Envelope) -> ReleaseFacts:
    """Return a tag, dated by its creation or else its commit; raises IncompletePayloadError."""
    tagged = tagged_object(node)
    at = tag_time(node)
    return tag_facts(
        {"repository": repository},
        envelope,
        required(text(node, "name"), "tag"),
        required(at, "time of the tag"),
        commit=commit(tagged, "oid"),
        deleted=False,
    )


def tagged_object(node: Json) -> Json:
    """Return what a tag leads to, through tags of tags."""
    tagged = mapping(node, "target")
    while text(tagged, "__typename") == "Tag":
        tagged = mapping(tagged, "target")
    return tagged


def tag_time(node: Json) -> datetime | None:
    """Return when a tag was created, or else its commit."""
    target = mapping(node, "target")
    made = instant(mapping(target, "tagger"), "date")
    return made or instant(tagged_object(node), "committedDate")


def _number(value: Any) -> int | None:
    """Return a number, which GraphQL writes as text if it is large."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None
