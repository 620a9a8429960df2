"""Reasons why a row of work failed: as stored, and with an explanation and a remedy for people."""

from enum import StrEnum
from typing import Self


class Standing(StrEnum):
    """What a failure means for what comes next."""

    WAITING = "waiting"
    """The other side asked to wait; work continues by itself."""
    REFUSED = "refused"
    """Someone must change something first."""
    NOT_OFFERED = "not_offered"
    """The other side does not offer it."""
    FAILING = "failing"
    """It failed, and is tried again a few times."""


_WAITING, _REFUSED, _NOT_OFFERED, _FAILING = Standing

_NEW_TOKEN = "Set another token: PUT /api/v1/connections/{id}/token."  # noqa: S105 - words
_BEGIN_APP = "Begin again: shipledger github create-app."
_REPLAY = "Try again: shipledger dead-letters replay."
_BACKFILL = "then start another backfill: shipledger backfill."
_RETRIED = "It is tried again automatically."
_NO_HOOK_ACCESS = "The access token cannot manage webhooks there."


class Failure(StrEnum):
    """A reason as stored. `explanation` says what happened, `remedy` what to do, each in full sentences."""

    explanation: str
    remedy: str
    standing: Standing

    def __new__(cls, value: str, standing: Standing, explanation: str, remedy: str) -> Self:
        """Create a member with its standing and sentences."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.standing, member.explanation, member.remedy = standing, explanation, remedy
        return member

    @property
    def sentence(self) -> str:
        """Return explanation and remedy in one line."""
        return f"{self.explanation} {self.remedy}"

    # Any work.
    UNEXPECTED = (
        *("unexpected", _FAILING, "It failed for an unexpected reason."),
        f"Find the type of the error in the worker's log. {_REPLAY}",
    )
    NOT_READABLE = ("not_readable", _FAILING, "The stored data cannot be read.", _REPLAY)
    OTHER_SECRET_KEY = (
        *("other_secret_key", _FAILING, "It was encrypted with another secret key."),
        f"Set SHIPLEDGER_SECRET_KEY to the key it was stored with. {_REPLAY}",
    )
    VALUE_REFUSED = (
        *("value_refused", _FAILING, "The database refused a value that is out of range or inconsistent."),
        f"Correct it at its source. {_REPLAY}",
    )

    # Any request to a forge.
    NO_ACCESS = (
        *("no_access", _REFUSED, "The connection has no access token and no App."),
        "Set a token: PUT /api/v1/connections/{id}/token.",
    )
    TOKEN_REFUSED = ("token_refused", _REFUSED, "The forge refuses the access token.", _NEW_TOKEN)
    ACCESS_FORBIDDEN = (
        *("access_forbidden", _REFUSED, "The access token lacks a permission."),
        "Grant it to the token or the App, or set another token: PUT /api/v1/connections/{id}/token.",
    )
    NOT_FOUND = (
        *("not_found", _REFUSED, "It does not exist at the forge, or the access token cannot see it."),
        "Check that it exists and that the token has access.",
    )
    REQUEST_REFUSED = (
        *("request_refused", _REFUSED, "The forge refuses the request."),
        "Check the connection's address and token.",
    )
    PRIVATE_ADDRESS = (
        *("private_address", _REFUSED, "The forge is on a private network."),
        "The operator can set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true.",
    )
    RATE_LIMITED = (
        *("rate_limited", _WAITING, "The forge's rate limit is reached."),
        "Wait: work continues when the forge allows it.",
    )
    FORGE_AWAY = (
        *("forge_away", _WAITING, "The forge does not answer."),
        f"Check its address, and that workers can reach it. {_RETRIED}",
    )
    FORGE_NOT_UNDERSTOOD = (
        *("forge_not_understood", _FAILING, "The forge's answer is not as documented."),
        f"Check the connection's address. {_RETRIED}",
    )

    # Enrichments.
    NOT_MERGED_YET = (
        *("not_merged_yet", _FAILING, "The forge does not list the pull request as merged yet."),
        f"Wait. {_RETRIED}",
    )
    TAG_NOT_LISTED = (
        *("tag_not_listed", _FAILING, "The forge does not list the tag."),
        "Check that the tag still exists.",
    )
    HISTORY_TOO_LONG = (
        *("history_too_long", _REFUSED, "The history before the release is too long to list."),
        "Tag an earlier commit of the repository, or import the release: POST /api/v1/releases.",
    )

    # Backfills.
    APP_UNINSTALLED = ("app_uninstalled", _REFUSED, "The App was uninstalled.", f"Install it again, {_BACKFILL}")
    REPOSITORY_REMOVED = (
        *("repository_removed", _REFUSED, "The repository was removed from the App's installation."),
        f"Add it at GitHub, {_BACKFILL}",
    )

    # Repairs.
    HOOK_NOT_FOUND = (
        *("hook_not_found", _REFUSED, "The access token sees no webhook that sends to this connection."),
        "Set a token of an administrator of the webhook's repository or organization, or check the webhook's address.",
    )
    DELIVERIES_NOT_OFFERED = (
        *("deliveries_not_offered", _NOT_OFFERED, "This GitLab does not list failed deliveries of the webhook."),
        "Use GitLab 17.3 or later, with group or project webhooks. Until then, lost changes are found by comparing.",
    )
    HOOK_SWITCHED_OFF = (
        *("hook_switched_off", _FAILING, "GitLab disabled the webhook after failed deliveries, and a test failed too."),
        "Check that GitLab reaches SHIPLEDGER_PUBLIC_URL. The webhook is then enabled automatically.",
    )
    REDELIVERY_FORBIDDEN = (
        *("redelivery_forbidden", _REFUSED, "The access token cannot list webhooks and redeliver."),
        "Set a token that can administer webhooks; at GitLab it needs the scope api.",
    )

    # Team syncs.
    MEMBERS_FORBIDDEN_APP = (
        *("members_forbidden_app", _REFUSED, "The App cannot read members."),
        (
            "Grant it the organization permission Members: read-only in its settings at GitHub and accept that for the"
            " installation, or register another App: shipledger github create-app --team-sync."
        ),
    )
    MEMBERS_FORBIDDEN_GITHUB = (
        *("members_forbidden_github", _REFUSED, "The access token cannot read teams."),
        "Give it the scope read:org or, if it is fine-grained, the organization permission Members: read.",
    )
    MEMBERS_FORBIDDEN_GITLAB = (
        *("members_forbidden_gitlab", _REFUSED, "The access token cannot read members of groups."),
        "Give it the scope read_api, and make its owner a member of the groups.",
    )

    # Summaries.
    CHECKS_NEED_APP = (
        *("checks_need_app", _REFUSED, "Only a GitHub App can write check runs, and this connection has none."),
        "Register an App: shipledger github create-app.",
    )
    NOTES_NEED_TOKEN = (
        *("notes_need_token", _REFUSED, "The connection has no access token."),
        "Set one with the scope api: PUT /api/v1/connections/{id}/token.",
    )
    CHECKS_FORBIDDEN = (
        *("checks_forbidden", _REFUSED, "GitHub refuses check runs."),
        "Grant the App the repository permission Checks: read and write.",
    )
    NOTES_FORBIDDEN = (
        *("notes_forbidden", _REFUSED, "GitLab refuses notes."),
        "Give the access token the scope api, and its owner a role that can comment.",
    )

    # Registrations of GitHub Apps.
    CODE_REFUSED = (
        *("code_refused", _REFUSED, "GitHub does not know this code: it was used before, or is older than an hour."),
        _BEGIN_APP,
    )
    CODE_EXPIRED = (
        *("code_expired", _REFUSED, "GitHub did not answer within the hour in which a code is valid."),
        _BEGIN_APP,
    )
    NO_GITHUB = ("no_github", _REFUSED, "No GitHub answers at this address.", f"Check base_url. {_BEGIN_APP}")

    # Webhooks made at GitLab.
    NO_GITLAB = ("no_gitlab", _REFUSED, "No GitLab answers at this address.", "Check base_url, and register again.")
    HOOK_TOKEN_REFUSED = (
        *("hook_token_refused", _REFUSED, "GitLab refuses the access token."),
        "Create another with the scope api, and register again.",
    )
    HOOK_NEEDS_TOKEN = (
        *("hook_needs_token", _REFUSED, "The connection has no access token."),
        "Register again with a token.",
    )
    NO_SUCH_GROUP = (
        *("no_such_group", _REFUSED, "There is no group with this path, or the access token cannot see it."),
        "Check the path.",
    )
    NO_SUCH_PROJECT = (
        *("no_such_project", _REFUSED, "There is no project with this path, or the access token cannot see it."),
        "Check the path.",
    )
    GROUP_HOOKS_NOT_OFFERED = (
        *("group_hooks_not_offered", _REFUSED, "Group webhooks need GitLab Premium and a token of a group owner."),
        "Register the projects one by one.",
    )
    HOOK_FORBIDDEN_GROUP = (
        *("hook_forbidden_group", _REFUSED, _NO_HOOK_ACCESS),
        "It needs the scope api, and the rights of an owner of the group.",
    )
    HOOK_FORBIDDEN_PROJECT = (
        *("hook_forbidden_project", _REFUSED, _NO_HOOK_ACCESS),
        "It needs the scope api, and the rights of a maintainer of the project.",
    )
    HOOK_FORBIDDEN_SYSTEM = (
        *("hook_forbidden_system", _REFUSED, _NO_HOOK_ACCESS),
        "It needs the scope api, and the rights of an administrator.",
    )
    HOOK_REFUSED = (
        *("hook_refused", _REFUSED, "GitLab refused the webhook."),
        "Check that GitLab allows its address, and that the project does not have too many webhooks.",
    )

    # Providers' reports.
    KEY_REFUSED = (
        *("key_refused", _REFUSED, "The provider refuses the key."),
        "Set one that can read usage: shipledger provider-account renew.",
    )
    PROVIDER_LIMITED = (
        *("provider_limited", _WAITING, "The provider's rate limit is reached."),
        "Wait: reports are pulled again when the provider allows it.",
    )
    PROVIDER_NOT_UNDERSTOOD = (
        *("provider_not_understood", _FAILING, "The provider does not answer, or not as documented."),
        f"{_RETRIED} If it keeps failing, check the account's address.",
    )
    REPORT_ROWS_LEFT_OUT = (
        *("report_rows_left_out", _FAILING, "Some rows of its report are not as documented; the other rows count."),
        "Find their places in the worker's log: provider_rows_left_out.",
    )
    PRIVATE_PROVIDER = (
        *("private_provider", _REFUSED, "The provider's address is on a private network."),
        "Set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true, then renew the key: shipledger provider-account renew.",
    )


_KNOWN = {failure.value: failure for failure in Failure}


def read_failure(stored: str | None) -> Failure | None:
    """Return the reason for a stored value; UNEXPECTED for a value that this version does not know."""
    return None if stored is None else _KNOWN.get(stored, Failure.UNEXPECTED)


def failure_sentence(stored: str | None) -> str | None:
    """Return what happened and what to do; None without a failure."""
    failure = read_failure(stored)
    return None if failure is None else failure.sentence


def standing_of(stored: str | None, *, otherwise: str) -> str:
    """Return the standing of a failure; `otherwise` without a failure."""
    failure = read_failure(stored)
    return otherwise if failure is None else failure.standing.value


class ExplainedError(Exception):
    """An error with a known reason: its class, or the error itself, sets `failure`."""

    failure: Failure = Failure.UNEXPECTED
