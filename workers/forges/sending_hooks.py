"""A webhook at a forge that sends to a connection, or to an App."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendingHook:
    """How deliveries name the hook, and its path in the forge's API."""

    hook: str
    path: str

    @property
    def owner(self) -> str:
        """The path of the repository, project, organization or group that the hook is of."""
        return self.path.rpartition("/hooks/")[0]


APP_HOOK = SendingHook("app", "/app/hook")
