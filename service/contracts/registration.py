"""Registrations of webhooks at GitLab: requests and responses."""

from datetime import datetime
from typing import Literal

import msgspec

Scope = Literal["group", "project", "system"]


class NewRegistration(msgspec.Struct, forbid_unknown_fields=True):
    """A webhook of a group, a project or a whole instance that workers create and keep as configured.

    `token` has the scope `api` and belongs to an owner of the group, a maintainer of the project, or an administrator;
    it is stored encrypted. `path` is the path of the group or project. `public_url` is the address at which GitLab
    reaches this service (default: as configured). An existing registration is repaired. A `dry_run` stores nothing.
    """

    scope: Scope
    path: str | None = None
    token: str | None = None
    base_url: str | None = None
    public_url: str | None = None
    backfill: bool = True
    dry_run: bool = False
    forge: Literal["gitlab"] = "gitlab"


class RegistrationBegun(msgspec.Struct):
    """The webhook that workers will create; `id` is null in a dry run."""

    id: str | None
    webhook_url: str
    hook: dict[str, bool | str]
    warnings: list[str]


class RegistrationShown(msgspec.Struct):
    """A registered webhook; its `id` is the id of its connection.

    `state` is waiting, registered, failed, removing or removed; `failure` says why it failed, or why the last check
    failed. `signed` is true if GitLab signs deliveries, false if it sends the older secret token. `test` is arrived,
    lost, nothing_to_send (the project is empty) or not_offered (by this GitLab). `repairs` counts how often the webhook
    was changed at GitLab and repaired; `last_repair` names what was changed.
    """

    id: str
    forge: str
    host: str
    scope: str
    state: str
    failure: str | None
    webhook_url: str
    signed: bool
    test: str | None
    repairs: int
    last_repair: str | None
    repaired_at: datetime | None
    checked_at: datetime | None
    registered_at: datetime | None
    last_delivery_at: datetime | None
    created_at: datetime


class RegistrationList(msgspec.Struct):
    """Registrations, newest first."""

    items: list[RegistrationShown]
    next_cursor: str | None = None
