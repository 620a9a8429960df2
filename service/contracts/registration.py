"""What is sent to have a webhook made at GitLab, and what is shown of one."""

from datetime import datetime
from typing import Literal

import msgspec

Scope = Literal["group", "project", "system"]


class NewRegistration(msgspec.Struct, forbid_unknown_fields=True):
    """Have workers make the webhook of a group, a project or the whole instance, and keep it as it should be.

    `token` may manage hooks there: scope `api`, as owner of the group, maintainer of the project, or administrator. It
    is kept sealed. `path` is that of the group or project; `public_url` where GitLab reaches the service, if not as it
    is configured. Whatever was registered before is mended, not made twice. `dry_run` stores nothing and asks nobody.
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
    """The hook that workers will make; no id after a dry run."""

    id: str | None
    webhook_url: str
    hook: dict[str, bool | str]
    warnings: list[str]


class RegistrationShown(msgspec.Struct):
    """A webhook that workers look after; its `id` is that of its connection.

    `state` is waiting, registered, failed, removing or removed, and `failure` says why it did not come further, or why
    the last check could not be made. `signed` is whether GitLab signs deliveries or sends the older secret token.
    `test` is arrived, lost, nothing_to_send (the project is empty) or not_offered (by this GitLab); `repairs` counts
    how often the hook was found changed, and `last_repair` names what was.
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
