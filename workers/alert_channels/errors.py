"""Why a channel did not accept a message; the answer holds a status and known phrases, never what was sent."""

from datetime import timedelta

from schema.failures import Failure
from workers.forge_access.explained import ExplainedError


class ChannelError(ExplainedError):
    """A message was not accepted; `wait` is how long the receiver asks to wait, if it does."""

    def __init__(self, failure: Failure, answer: str | None = None, wait: timedelta | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.answer = answer
        self.wait = wait
