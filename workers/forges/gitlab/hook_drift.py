"""Which settings of a hook at GitLab are not as they should be. Pure."""

from collections.abc import Iterable

from schema.hooks import HookScope, wanted_hook
from workers.forge_events.reading import Json, whole

# GitLab tells only whether a hook has them. One that does not say is older than the question.
SIGNED, UNSIGNED = "signing_token", "token"
_PRESENCE = {SIGNED: "signing_token_present", UNSIGNED: "token_present"}


# As GitLab calls a hook that it stopped calling, for a while or until somebody tests it.
_SWITCHED_OFF = {"disabled", "temporarily_disabled"}


def is_switched_off(found: Json) -> bool:
    """Whether GitLab gave up on a hook after deliveries that failed."""
    return found.get("alert_status") in _SWITCHED_OFF


def find_hook(hooks: Iterable[Json], webhook_url: str, hook_number: int | None) -> Json | None:
    """Our hook among those of a project, group or instance: by its number, else by where it sends to."""
    listed = list(hooks)
    numbered = [each for each in listed if hook_number is not None and whole(each, "id") == hook_number]
    return next(iter([*numbered, *(each for each in listed if each.get("url") == webhook_url)]), None)


def drift(found: Json, scope: HookScope, webhook_url: str, *, is_signed: bool) -> list[str]:
    """Names of what differs, in alphabetical order; what this GitLab does not know of cannot differ."""
    wanted = wanted_hook(scope, webhook_url)
    differing = {name for name, value in wanted.items() if name in found and (found[name] or "") != value}
    secret = SIGNED if is_signed else UNSIGNED
    if found.get(_PRESENCE[secret]) is False:
        differing.add(secret)
    # A body by a template of one's own is none that is understood here.
    if found.get("custom_webhook_template"):
        differing.add("custom_webhook_template")
    return sorted(differing)
