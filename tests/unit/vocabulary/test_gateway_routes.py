from hypothesis import given
from hypothesis import strategies as st

from vocabulary.gateway_parts import Part, size_class
from vocabulary.gateway_routes import FAILED, billed_parts


def test_billed_parts_depend_on_the_api() -> None:
    assert list(billed_parts("messages", stream=True)) == [Part.INPUT, Part.OUTPUT_STREAM]
    assert list(billed_parts("", stream=False)) == [Part.INPUT, Part.OUTPUT]
    assert list(billed_parts("embeddings", stream=False)) == [Part.INPUT]
    assert list(billed_parts("count_tokens", stream=False)) == []
    assert list(billed_parts(FAILED, stream=True)) == []


@given(st.integers(0, 10**10))
def test_a_size_lies_below_the_power_of_two_of_its_class(size: int) -> None:
    assert 2 ** size_class(size) > size
    assert size == 0 or 2 ** (size_class(size) - 1) <= size
