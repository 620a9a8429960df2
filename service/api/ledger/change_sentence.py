"""Why the spend of teams changed, as one sentence. Pure."""

from collections.abc import Sequence

from service.api.ledger.team_changes import TeamChange
from vocabulary.causes import sentence


def change_sentence(teams: Sequence[TeamChange]) -> str:
    """Return how much spend changed, and why, largest cause first."""
    return sentence.change_sentence([_named(each) for each in teams])


def _named(change: TeamChange) -> sentence.Change:
    models = [(sold.model, use) for sold, use in change.models.items()]
    return sentence.Change(change.team, change.before.nano_usd, change.after.nano_usd, change.causes, models)
