"""That the tests before this one asked the fake GitHub everything that the clients ask; `.ci/openapi` runs it last."""

from tests.harness.forges.described import COMPARED
from tests.openapi.operations import OPERATIONS


def test_every_call_of_the_clients_was_compared() -> None:
    missing = [each for each in OPERATIONS if not COMPARED[each]]
    assert not missing, f"no test asks {missing}"
