"""Webhooks at a forge that send to a connection or an App."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendingHook:
    """A hook: its id in delivery references, and its path in the forge's API."""

    hook: str
    path: str

    @property
    def owner(self) -> str:
        """The API path of the hook's repository, project, organization or group."""
        return self.path.rpartition("/hooks/")[0]


APP_HOOK = SendingHook("app", "/app/hook")
