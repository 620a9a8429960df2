"""Compares a GitLab hook with its intended settings. Pure."""

from collections.abc import Iterable

from vocabulary.hooks import HookScope, wanted_hook
from workers.forge_events.reading import Json, whole

# GitLab reports only whether a hook has them; older versions do not report it.
SIGNED, UNSIGNED = "signing_token", "token"
_PRESENCE = {SIGNED: "signing_token_present", UNSIGNED: "token_present"}


# Status of a hook that GitLab has disabled, temporarily or until it is tested.
_SWITCHED_OFF = {"disabled", "temporarily_disabled"}


def is_switched_off(found: Json) -> bool:
    """Return whether GitLab disabled the hook after failed deliveries."""
    return found.get("alert_status") in _SWITCHED_OFF


def find_hook(hooks: Iterable[Json], webhook_url: str, hook_number: int | None) -> Json | None:
    """Return our hook among those of a project, group or instance, by number or else by URL."""
    listed = list(hooks)
    numbered = [each for each in listed if hook_number is not None and whole(each, "id") == hook_number]
    return next(iter([*numbered, *(each for each in listed if each.get("url") == webhook_url)]), None)


def drift(found: Json, scope: HookScope, webhook_url: str, *, is_signed: bool) -> list[str]:
    """Return the names of differing settings, sorted; settings unknown to this GitLab are ignored."""
    wanted = wanted_hook(scope, webhook_url)
    differing = {name for name, value in wanted.items() if name in found and (found[name] or "") != value}
    secret = SIGNED if is_signed else UNSIGNED
    if found.get(_PRESENCE[secret]) is False:
        differing.add(secret)
    # Shipledger cannot read bodies made from a custom template.
    if found.get("custom_webhook_template"):
        differing.add("custom_webhook_template")
    return sorted(differing)
