"""The webhook that a connection to GitLab needs: which events, and how it is kept. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class HookScope(StrEnum):
    """What a hook hears: all projects of a group, one project, or the whole instance."""

    GROUP = "group"
    PROJECT = "project"
    SYSTEM = "system"


_OF_PROJECTS = (
    "deployment_events",
    "merge_requests_events",
    "note_events",
    "pipeline_events",
    "push_events",
    "releases_events",
    "tag_push_events",
)

EVENTS: Mapping[HookScope, tuple[str, ...]] = {
    HookScope.GROUP: _OF_PROJECTS,
    HookScope.PROJECT: _OF_PROJECTS,
    # An instance's hook tells of no comments, releases, pipelines or deployments, and always of projects renamed.
    HookScope.SYSTEM: ("merge_requests_events", "push_events", "repository_update_events", "tag_push_events"),
}

SYSTEM_TELLS_LESS = (
    "a hook of the whole instance tells of no comments, releases and merge trains; tags stand for releases, and a "
    "backfill fetches the comments"
)


def wanted_hook(scope: HookScope, webhook_url: str) -> dict[str, Any]:
    """What is sent to GitLab to make or mend the hook, without its secret."""
    return {
        "url": webhook_url,
        **dict.fromkeys(EVENTS[scope], True),
        "enable_ssl_verification": True,
        "push_events_branch_filter": "",
    }
