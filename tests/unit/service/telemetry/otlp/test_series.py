"""What tells one series from the next."""

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.otlp.series import canonical, canonical_nested, identify

NAMES = st.sampled_from(["a", "b", "gen_ai.token.type"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "1", "True", "x"]), st.binary(max_size=2)
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=4)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_attributes_does_not_matter(pairs: list[tuple[str, object]], order: object) -> None:
    shuffled = sorted(pairs, key=lambda _: order.random())  # type: ignore[attr-defined] # hypothesis' own class
    assert canonical(shuffled) == canonical(pairs)  # type: ignore[arg-type] # as drawn


def test_every_part_of_a_series_distinguishes_it() -> None:
    reported = [
        (resource, scope, name, attributes)
        for resource in (b"", b"r")
        for scope in ("", "s")
        for name in ("n", "m")
        for attributes in ([], [("a", 1)], [("a", "1")], [("a", True)], [("a", b"1")], [("b", 1)], [("a", 1), ("a", 1)])
    ]
    assert len({identify(*one).series for one in reported}) == len(reported)  # type: ignore[arg-type] # as listed


def test_types_and_modalities_of_tokens_divide_a_group() -> None:
    types = [identify(b"", "", "n", [("gen_ai.token.type", name), ("model", "m")]) for name in ("input", "output")]
    assert types[0].series != types[1].series
    assert types[0].group == types[1].group == identify(b"", "", "other", [("model", "m")]).group
    assert identify(b"", "", "n", [("model", "other")]).group != types[0].group


def test_lists_and_maps_are_the_same_in_both_encodings() -> None:
    sent = {"values": [{"intValue": 7}, {"arrayValue": {"values": []}}, {"stringValue": "x", "boolValue": None}]}
    mapped = {"values": [{"intValue": "7"}, {"arrayValue": {}}, {"stringValue": "x"}]}
    assert canonical_nested(sent) == canonical_nested(mapped)
