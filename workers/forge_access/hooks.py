"""The location and the secret of a webhook at a GitLab."""

from dataclasses import dataclass, field

from vocabulary.hooks import HookScope

COLLECTIONS = {HookScope.GROUP: "groups", HookScope.PROJECT: "projects"}


@dataclass(frozen=True, slots=True)
class HookPlace:
    """The location of a hook: a group or project by its number at the forge, or the instance."""

    scope: HookScope
    number: int | None

    @property
    def path(self) -> str:
        """The API path of its hooks."""
        return "/hooks" if self.number is None else f"/{COLLECTIONS[self.scope]}/{self.number}/hooks"


@dataclass(frozen=True, slots=True)
class HookSecret:
    """The secret that verifies deliveries, hidden from tracebacks."""

    text: str = field(repr=False)
