"""Where in our own code an error came from."""

import pytest

from schema.errors import BadInputError
from schema.identifiers import parse_repository
from service.http.problems import places, problem


def test_only_frames_of_our_code_are_reported() -> None:
    with pytest.raises(BadInputError) as caught:
        parse_repository("CANARY")
    (place,) = places(caught.value)
    assert place.startswith("schema/identifiers.py:")
    assert place.endswith(" parse_repository")


def test_the_detail_names_the_field_once() -> None:
    assert problem(400, "Bad input", "is empty", field="name").content["detail"] == "name is empty"
    assert problem(400, "Bad input", "name is empty", field="name").content["detail"] == "name is empty"
