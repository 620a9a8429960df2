"""Reasons why a row of work failed, as stored; `service/failures.py` explains them to people."""

from enum import StrEnum
from typing import Self


class Standing(StrEnum):
    """What a failure means for what comes next."""

    WAITING = "waiting"  # The other side asked to wait; work continues by itself.
    REFUSED = "refused"  # Someone must change something first.
    NOT_OFFERED = "not_offered"  # The other side does not offer it.
    FAILING = "failing"  # It failed, and is tried again a few times.


_WAITING, _REFUSED, _NOT_OFFERED, _FAILING = Standing


class Failure(StrEnum):
    """A reason as stored, and what it means for what comes next."""

    standing: Standing

    def __new__(cls, value: str, standing: Standing) -> Self:
        """Create a member with its standing."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.standing = standing
        return member

    # Any work.
    UNEXPECTED = "unexpected", _FAILING
    NOT_READABLE = "not_readable", _FAILING
    OTHER_SECRET_KEY = "other_secret_key", _FAILING
    VALUE_REFUSED = "value_refused", _FAILING
    # Any request to a forge.
    NO_ACCESS = "no_access", _REFUSED
    TOKEN_REFUSED = "token_refused", _REFUSED
    ACCESS_FORBIDDEN = "access_forbidden", _REFUSED
    NOT_FOUND = "not_found", _REFUSED
    REQUEST_REFUSED = "request_refused", _REFUSED
    PRIVATE_ADDRESS = "private_address", _REFUSED
    RATE_LIMITED = "rate_limited", _WAITING
    FORGE_AWAY = "forge_away", _WAITING
    FORGE_NOT_UNDERSTOOD = "forge_not_understood", _FAILING
    # Enrichments.
    NOT_MERGED_YET = "not_merged_yet", _FAILING
    TAG_NOT_LISTED = "tag_not_listed", _FAILING
    HISTORY_TOO_LONG = "history_too_long", _REFUSED
    # Backfills.
    APP_UNINSTALLED = "app_uninstalled", _REFUSED
    REPOSITORY_REMOVED = "repository_removed", _REFUSED
    # Repairs.
    HOOK_NOT_FOUND = "hook_not_found", _REFUSED
    DELIVERIES_NOT_OFFERED = "deliveries_not_offered", _NOT_OFFERED
    HOOK_SWITCHED_OFF = "hook_switched_off", _FAILING
    REDELIVERY_FORBIDDEN = "redelivery_forbidden", _REFUSED
    # Team syncs.
    MEMBERS_FORBIDDEN_APP = "members_forbidden_app", _REFUSED
    MEMBERS_FORBIDDEN_GITHUB = "members_forbidden_github", _REFUSED
    MEMBERS_FORBIDDEN_GITLAB = "members_forbidden_gitlab", _REFUSED
    # Summaries.
    CHECKS_NEED_APP = "checks_need_app", _REFUSED
    NOTES_NEED_TOKEN = "notes_need_token", _REFUSED
    CHECKS_FORBIDDEN = "checks_forbidden", _REFUSED
    NOTES_FORBIDDEN = "notes_forbidden", _REFUSED
    # Registrations of GitHub Apps.
    CODE_REFUSED = "code_refused", _REFUSED
    CODE_EXPIRED = "code_expired", _REFUSED
    NO_GITHUB = "no_github", _REFUSED
    APP_REFUSED = "app_refused", _REFUSED
    INSTALLATION_REFUSED = "installation_refused", _REFUSED
    # Webhooks made at GitLab.
    NO_GITLAB = "no_gitlab", _REFUSED
    HOOK_TOKEN_REFUSED = "hook_token_refused", _REFUSED
    HOOK_NEEDS_TOKEN = "hook_needs_token", _REFUSED
    NO_SUCH_GROUP = "no_such_group", _REFUSED
    NO_SUCH_PROJECT = "no_such_project", _REFUSED
    GROUP_HOOKS_NOT_OFFERED = "group_hooks_not_offered", _REFUSED
    HOOK_FORBIDDEN_GROUP = "hook_forbidden_group", _REFUSED
    HOOK_FORBIDDEN_PROJECT = "hook_forbidden_project", _REFUSED
    HOOK_FORBIDDEN_SYSTEM = "hook_forbidden_system", _REFUSED
    HOOK_REFUSED = "hook_refused", _REFUSED
    # Providers' reports.
    KEY_REFUSED = "key_refused", _REFUSED
    PROVIDER_LIMITED = "provider_limited", _WAITING
    PROVIDER_NOT_UNDERSTOOD = "provider_not_understood", _FAILING
    REPORT_ROWS_LEFT_OUT = "report_rows_left_out", _FAILING
    PRIVATE_PROVIDER = "private_provider", _REFUSED
    # Alerts sent to channels.
    CHANNEL_REFUSED = "channel_refused", _REFUSED
    CHANNEL_REDIRECTS = "channel_redirects", _REFUSED
    ALERT_REFUSED = "alert_refused", _REFUSED
    MAIL_NOT_ENCRYPTED = "mail_not_encrypted", _REFUSED
    CHANNEL_LIMITED = "channel_limited", _WAITING
    CHANNEL_AWAY = "channel_away", _FAILING


_KNOWN = {failure.value: failure for failure in Failure}


def read_failure(stored: str | None) -> Failure | None:
    """Return the reason of `token_refused: 401 Bad credentials`; UNEXPECTED for one that this version does not know."""
    return None if stored is None else _KNOWN.get(stored.partition(":")[0], Failure.UNEXPECTED)
