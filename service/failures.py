"""Explains to people why work failed: what happened, and what to do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schema.failures import Failure, read_failure

_NEW_TOKEN = "Set another token: PUT /api/v1/connections/{id}/token."  # noqa: S105 - words
_BEGIN_APP = "Begin again: shipledger github create-app."
_REPLAY = "Try again: shipledger dead-letters replay."
_BACKFILL = "then start another backfill: shipledger backfill."
_RETRIED = "It is tried again automatically."
_NO_HOOK_ACCESS = "The access token cannot manage webhooks there."


class Explanation(NamedTuple):
    """What happened and what to do, each in full sentences."""

    happened: str
    remedy: str

    @property
    def sentence(self) -> str:
        """Return both in one line."""
        return f"{self.happened} {self.remedy}"


EXPLANATIONS = {
    # Any work.
    Failure.UNEXPECTED: Explanation(
        "It failed for an unexpected reason.", f"Find the type of the error in the worker's log. {_REPLAY}"
    ),
    Failure.NOT_READABLE: Explanation("The stored data cannot be read.", _REPLAY),
    Failure.OTHER_SECRET_KEY: Explanation(
        "It was encrypted with another secret key.",
        f"Set SHIPLEDGER_SECRET_KEY to the key it was stored with. {_REPLAY}",
    ),
    Failure.VALUE_REFUSED: Explanation(
        "The database refused a value that is out of range or inconsistent.", f"Correct it at its source. {_REPLAY}"
    ),
    # Any request to a forge.
    Failure.NO_ACCESS: Explanation(
        "The connection has no access token and no App.", "Set a token: PUT /api/v1/connections/{id}/token."
    ),
    Failure.TOKEN_REFUSED: Explanation("The forge refuses the access token.", _NEW_TOKEN),
    Failure.ACCESS_FORBIDDEN: Explanation(
        "The access token lacks a permission.",
        "Grant it to the token or the App, or set another token: PUT /api/v1/connections/{id}/token.",
    ),
    Failure.NOT_FOUND: Explanation(
        "It does not exist at the forge, or the access token cannot see it.",
        "Check that it exists and that the token has access.",
    ),
    Failure.REQUEST_REFUSED: Explanation("The forge refuses the request.", "Check the connection's address and token."),
    Failure.PRIVATE_ADDRESS: Explanation(
        "The address is on a private network.", "The operator can set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true."
    ),
    Failure.RATE_LIMITED: Explanation(
        "The forge's rate limit is reached.", "Wait: work continues when the forge allows it."
    ),
    Failure.FORGE_AWAY: Explanation(
        "The forge does not answer.", f"Check its address, and that workers can reach it. {_RETRIED}"
    ),
    Failure.FORGE_NOT_UNDERSTOOD: Explanation(
        "The forge's answer is not as documented.", f"Check the connection's address. {_RETRIED}"
    ),
    # Enrichments.
    Failure.NOT_MERGED_YET: Explanation("The forge does not list the pull request as merged yet.", f"Wait. {_RETRIED}"),
    Failure.TAG_NOT_LISTED: Explanation("The forge does not list the tag.", "Check that the tag still exists."),
    Failure.HISTORY_TOO_LONG: Explanation(
        "The history before the release is too long to list.",
        "Tag an earlier commit of the repository, or import the release: POST /api/v1/releases.",
    ),
    # Backfills.
    Failure.APP_UNINSTALLED: Explanation("The App was uninstalled.", f"Install it again, {_BACKFILL}"),
    Failure.REPOSITORY_REMOVED: Explanation(
        "The repository was removed from the App's installation.", f"Add it at GitHub, {_BACKFILL}"
    ),
    # Repairs.
    Failure.HOOK_NOT_FOUND: Explanation(
        "The access token sees no webhook that sends to this connection.",
        "Set a token of an administrator of the webhook's repository or organization, or check the webhook's address.",
    ),
    Failure.DELIVERIES_NOT_OFFERED: Explanation(
        "This GitLab does not list failed deliveries of the webhook.",
        "Use GitLab 17.3 or later, with group or project webhooks. Until then, lost changes are found by comparing.",
    ),
    Failure.HOOK_SWITCHED_OFF: Explanation(
        "GitLab disabled the webhook after failed deliveries, and a test failed too.",
        "Check that GitLab reaches SHIPLEDGER_PUBLIC_URL. The webhook is then enabled automatically.",
    ),
    Failure.REDELIVERY_FORBIDDEN: Explanation(
        "The access token cannot list webhooks and redeliver.",
        "Set a token that can administer webhooks; at GitLab it needs the scope api.",
    ),
    # Team syncs.
    Failure.MEMBERS_FORBIDDEN_APP: Explanation(
        "The App cannot read members.",
        "Grant it the organization permission Members: read-only in its settings at GitHub and accept that for the"
        " installation, or register another App: shipledger github create-app --team-sync.",
    ),
    Failure.MEMBERS_FORBIDDEN_GITHUB: Explanation(
        "The access token cannot read teams.",
        "Give it the scope read:org or, if it is fine-grained, the organization permission Members: read.",
    ),
    Failure.MEMBERS_FORBIDDEN_GITLAB: Explanation(
        "The access token cannot read members of groups.",
        "Give it the scope read_api, and make its owner a member of the groups.",
    ),
    # Summaries.
    Failure.CHECKS_NEED_APP: Explanation(
        "Only a GitHub App can write check runs, and this connection has none.",
        "Register an App: shipledger github create-app.",
    ),
    Failure.NOTES_NEED_TOKEN: Explanation(
        "The connection has no access token.", "Set one with the scope api: PUT /api/v1/connections/{id}/token."
    ),
    Failure.CHECKS_FORBIDDEN: Explanation(
        "GitHub refuses check runs.", "Grant the App the repository permission Checks: read and write."
    ),
    Failure.NOTES_FORBIDDEN: Explanation(
        "GitLab refuses notes.", "Give the access token the scope api, and its owner a role that can comment."
    ),
    # Registrations of GitHub Apps.
    Failure.CODE_REFUSED: Explanation(
        "GitHub does not know this code: it was used before, or is older than an hour.", _BEGIN_APP
    ),
    Failure.CODE_EXPIRED: Explanation("GitHub did not answer within the hour in which a code is valid.", _BEGIN_APP),
    Failure.APP_REFUSED: Explanation(
        "GitHub refuses the App or its key.", f"Check that the App still exists on GitHub. {_BEGIN_APP}"
    ),
    Failure.INSTALLATION_REFUSED: Explanation(
        "GitHub refuses a token for the installation.",
        "Check on GitHub that the App is installed there and not suspended, then install it again.",
    ),
    Failure.NO_GITHUB: Explanation("No GitHub answers at this address.", f"Check base_url. {_BEGIN_APP}"),
    # Webhooks made at GitLab.
    Failure.NO_GITLAB: Explanation("No GitLab answers at this address.", "Check base_url, and register again."),
    Failure.HOOK_TOKEN_REFUSED: Explanation(
        "GitLab refuses the access token.", "Create another with the scope api, and register again."
    ),
    Failure.HOOK_NEEDS_TOKEN: Explanation("The connection has no access token.", "Register again with a token."),
    Failure.NO_SUCH_GROUP: Explanation(
        "There is no group with this path, or the access token cannot see it.", "Check the path."
    ),
    Failure.NO_SUCH_PROJECT: Explanation(
        "There is no project with this path, or the access token cannot see it.", "Check the path."
    ),
    Failure.GROUP_HOOKS_NOT_OFFERED: Explanation(
        "Group webhooks need GitLab Premium and a token of a group owner.", "Register the projects one by one."
    ),
    Failure.HOOK_FORBIDDEN_GROUP: Explanation(
        _NO_HOOK_ACCESS, "It needs the scope api, and the rights of an owner of the group."
    ),
    Failure.HOOK_FORBIDDEN_PROJECT: Explanation(
        _NO_HOOK_ACCESS, "It needs the scope api, and the rights of a maintainer of the project."
    ),
    Failure.HOOK_FORBIDDEN_SYSTEM: Explanation(
        _NO_HOOK_ACCESS, "It needs the scope api, and the rights of an administrator."
    ),
    Failure.HOOK_REFUSED: Explanation(
        "GitLab refused the webhook.",
        "Check that GitLab allows its address, and that the project does not have too many webhooks.",
    ),
    # Providers' reports.
    Failure.KEY_REFUSED: Explanation(
        "The provider refuses the key.", "Set one that can read usage: shipledger provider-account renew."
    ),
    Failure.PROVIDER_LIMITED: Explanation(
        "The provider's rate limit is reached.", "Wait: reports are pulled again when the provider allows it."
    ),
    Failure.PROVIDER_NOT_UNDERSTOOD: Explanation(
        "The provider does not answer, or not as documented.",
        f"{_RETRIED} If it keeps failing, check the account's address.",
    ),
    Failure.REPORT_ROWS_LEFT_OUT: Explanation(
        "Some rows of its report are not as documented; the other rows count.",
        "Find their places in the worker's log: provider_rows_left_out.",
    ),
    Failure.PRIVATE_PROVIDER: Explanation(
        "The provider's address is on a private network.",
        "Set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true, then renew the key: shipledger provider-account renew.",
    ),
    # Alerts sent to channels.
    Failure.CHANNEL_REFUSED: Explanation(
        "The receiver refuses the address, key or password of the channel.",
        "Create a new one there, then set it: shipledger alert-channel change ID --secret.",
    ),
    Failure.CHANNEL_REDIRECTS: Explanation(
        "The receiver redirects to another address, which is not followed.",
        "Set the final address: shipledger alert-channel change ID.",
    ),
    Failure.ALERT_REFUSED: Explanation(
        "The receiver refuses the message.",
        "Check that the channel is of the right kind and, for e-mail, its sender and recipients.",
    ),
    Failure.MAIL_NOT_ENCRYPTED: Explanation(
        "The mail server does not offer STARTTLS.",
        "Encrypt from the first byte, usually on port 465: shipledger alert-channel change ID --encryption tls.",
    ),
    Failure.CHANNEL_LIMITED: Explanation(
        "The receiver's rate limit is reached.", "Wait: it is sent when the receiver allows it."
    ),
    Failure.CHANNEL_AWAY: Explanation(
        "The receiver does not answer.", f"Check its address, and that workers can reach it. {_RETRIED}"
    ),
}


def explain(stored: str | None) -> Explanation | None:
    """Return what happened, with what the other side answered, and what to do; None without a failure."""
    failure = read_failure(stored)
    if failure is None:
        return None
    happened, remedy = EXPLANATIONS[failure]
    answer = (stored or "").partition(": ")[2]
    if not answer:
        return Explanation(happened, remedy)
    # An answer begins with its HTTP status; otherwise the request did not arrive.
    label = "It answered" if answer[0].isdigit() else "Last attempt"
    return Explanation(f"{happened} {label}: {answer}.", remedy)


def failure_sentence(stored: str | None) -> str | None:
    """Return what happened and what to do; None without a failure."""
    explanation = explain(stored)
    return None if explanation is None else explanation.sentence


def explained(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its failure as a code, and as a sentence under `reason`."""
    return {**row, "failure": read_failure(row["failure"]), "reason": failure_sentence(row["failure"])}


def standing_of(stored: str | None, *, otherwise: str) -> str:
    """Return the standing of a failure; `otherwise` without a failure."""
    failure = read_failure(stored)
    return otherwise if failure is None else failure.standing.value
