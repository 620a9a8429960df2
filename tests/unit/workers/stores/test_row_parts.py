import pytest

from workers.stores.row_parts import part_of

COLUMNS = ("session", "artifact", "number", "occurred_at")


def test_a_part_of_a_row_is_found_by_its_names() -> None:
    assert COLUMNS[part_of(COLUMNS, ("artifact", "number"))] == ("artifact", "number")


@pytest.mark.parametrize("fields", [("number", "artifact"), ("artifact", "occurred_at"), ("occurred_at", "more")])
def test_scattered_fields_cannot_be_read_as_a_slice(fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="side by side"):
        part_of(COLUMNS, fields)
