"""The webhook that a GitLab connection needs: its events and settings. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class HookScope(StrEnum):
    """What a hook covers: all projects of a group, one project, or the whole instance."""

    GROUP = "group"
    PROJECT = "project"
    SYSTEM = "system"


_PROJECT_EVENTS = (
    "deployment_events",
    "merge_requests_events",
    "note_events",
    "pipeline_events",
    "push_events",
    "releases_events",
    "tag_push_events",
)

EVENTS: Mapping[HookScope, tuple[str, ...]] = {
    HookScope.GROUP: _PROJECT_EVENTS,
    HookScope.PROJECT: _PROJECT_EVENTS,
    # System hooks do not send comments, releases, pipelines or deployments, and always send project renames.
    HookScope.SYSTEM: ("merge_requests_events", "push_events", "repository_update_events", "tag_push_events"),
}


def wanted_hook(scope: HookScope, webhook_url: str) -> dict[str, Any]:
    """Return the settings to send to GitLab to create or update the hook, without its secret."""
    return {
        "url": webhook_url,
        **dict.fromkeys(EVENTS[scope], True),
        "enable_ssl_verification": True,
        "push_events_branch_filter": "",
    }
