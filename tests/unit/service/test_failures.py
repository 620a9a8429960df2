"""Every reason for a failure is explained."""

import pytest

from schema.failures import Failure, Standing
from service.failures import EXPLANATIONS, failure_sentence, standing_of


@pytest.mark.parametrize("failure", Failure)
def test_each_says_in_sentences_what_happened_and_what_to_do(failure: Failure) -> None:
    for text in EXPLANATIONS[failure]:
        assert text[0].isupper()
        assert text.endswith(".")
    assert failure_sentence(failure) == " ".join(EXPLANATIONS[failure])


def test_a_failure_stored_by_an_older_version_reads_as_a_neutral_sentence() -> None:
    assert failure_sentence("RefusedError 401") == EXPLANATIONS[Failure.UNEXPECTED].sentence


def test_what_the_other_side_answered_stands_between_what_happened_and_what_to_do() -> None:
    assert failure_sentence("key_refused: 401 invalid x-api-key") == (
        "The provider refuses the key. It answered: 401 invalid x-api-key. Set one that can read usage: shipledger "
        "provider-account renew."
    )
    assert "does not answer. Last attempt: the connection was refused. Check" in str(
        failure_sentence("forge_away: the connection was refused")
    )
    assert standing_of("token_refused: 401 Bad credentials", otherwise="healthy") == Standing.REFUSED


def test_without_a_failure_there_is_nothing_to_say() -> None:
    assert failure_sentence(None) is None
    assert standing_of(None, otherwise="healthy") == "healthy"


def test_a_failure_states_whether_it_is_temporary_or_needs_action() -> None:
    assert standing_of("rate_limited", otherwise="healthy") == Standing.WAITING
    assert standing_of("token_refused", otherwise="healthy") == Standing.REFUSED
    assert standing_of("deliveries_not_offered", otherwise="healthy") == Standing.NOT_OFFERED
    assert standing_of("something old", otherwise="healthy") == Standing.FAILING
