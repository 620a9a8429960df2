"""What a forge tells when it is asked: pull requests are whole then, of releases it can be asked what they ship."""

from collections.abc import Iterable
from uuid import UUID

from schema.encryption import Vault
from workers.facts.enrichment_requests import ConnectionFacts, note_whole, request_enrichment
from workers.facts.model import Facts, PullRequestFacts, ReleaseFacts
from workers.facts.record import record_facts
from workers.facts.repositories import ForgeScope


async def record_answers(scope: ForgeScope, names: Vault, connection_id: UUID, reported: Iterable[Facts]) -> None:
    """Store it as if deliveries had told it, and note what need not be asked for any more."""
    kept = [each for each in reported if isinstance(each, PullRequestFacts | ReleaseFacts)]
    if not kept:
        return
    await record_facts(scope, kept)
    await note_whole(scope, connection_id, (each for each in kept if isinstance(each, PullRequestFacts)))
    await request_enrichment(
        scope, names, (ConnectionFacts(connection_id, each) for each in kept if isinstance(each, ReleaseFacts))
    )
