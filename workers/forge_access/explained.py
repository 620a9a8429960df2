"""Errors that carry the reason to store, and what a forge or provider answered. Pure."""

from schema.failures import Failure


class ExplainedError(Exception):
    """An error with a known reason, set by its class or the error; `answer` is what the other side said, if known."""

    failure: Failure = Failure.UNEXPECTED
    answer: str | None = None

    def stored(self, failure: Failure | None = None) -> str:
        """Return the reason as stored, or another one that fits better, with the answer."""
        reason = failure or self.failure
        return f"{reason}: {self.answer}" if self.answer else reason
