"""Totals and parts of them that metrics report, together or one after another."""

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.measured.nested_growth import NestedGrowth, grow_nested
from service.telemetry.reading.normalised import Part
from vocabulary.tokens import TokenCounts, sum_tokens

COUNT = st.integers(0, 10**9)
Parts = dict[Part, int]
WITHIN = (Part.INPUT, Part.READ_OF_INPUT, Part.WRITTEN_OF_INPUT, Part.OUTPUT, Part.REASONING_OF_OUTPUT)
ANY = st.dictionaries(st.sampled_from(Part), COUNT)


def counted(*exports: Parts) -> list[TokenCounts]:
    group, added = NestedGrowth(), []
    for parts in exports:
        group, tokens = grow_nested(group, parts)
        added.append(tokens)
    return added


def sides(tokens: TokenCounts) -> tuple[int, int]:
    return sum(tokens[:3]), sum(tokens[3:])


def test_parts_are_subtracted_from_totals_in_the_same_export() -> None:
    whole = {Part.INPUT: 1500, Part.OUTPUT: 80}
    parts = {Part.READ_OF_INPUT: 900, Part.WRITTEN_OF_INPUT: 100, Part.REASONING_OF_OUTPUT: 33}
    assert counted(whole | parts) == [TokenCounts(500, 900, 100, 47, 33)]
    assert counted({Part.INPUT: 5, Part.CACHE_READ: 7, Part.CACHE_WRITE: 2}) == [TokenCounts(5, 7, 2)]


def test_parts_of_an_unknown_emitter_that_fit_are_within_their_total() -> None:
    assert counted({Part.INPUT: 1500, Part.READ_BY_NUMBERS: 900}) == [TokenCounts(600, 900)]


def test_a_part_that_exceeds_its_total_in_one_export_stands_beside_it_from_then_on() -> None:
    first = {Part.OUTPUT: 100, Part.REASONING_BY_NUMBERS: 400, Part.INPUT: 10, Part.READ_BY_NUMBERS: 3_000}
    later = {Part.OUTPUT: 900, Part.REASONING_BY_NUMBERS: 50, Part.INPUT: 5_000, Part.READ_BY_NUMBERS: 1}
    assert counted(first, later) == [TokenCounts(10, 3_000, 0, 100, 400), TokenCounts(5_000, 1, 0, 900, 50)]


def test_what_stood_within_before_follows_once_it_is_seen_to_stand_beside() -> None:
    fits = {Part.OUTPUT: 500, Part.REASONING_BY_NUMBERS: 400}
    exceeds = {Part.OUTPUT: 10, Part.REASONING_BY_NUMBERS: 300}
    assert sum_tokens(counted(fits, exceeds)).total == 510 + 700


def test_a_part_before_its_total_counts_once() -> None:
    for read in (Part.READ_OF_INPUT, Part.READ_BY_NUMBERS):
        assert counted({read: 500}, {Part.INPUT: 800}) == [TokenCounts(0, 500), TokenCounts(300)]


def test_a_part_after_its_total_adds_nothing_and_kinds_catch_up() -> None:
    exports: list[Parts] = [
        {Part.INPUT: 800},
        {Part.READ_BY_NUMBERS: 500},
        {Part.INPUT: 1_000, Part.READ_BY_NUMBERS: 9},
    ]
    assert counted(*exports) == [TokenCounts(800), TokenCounts(), TokenCounts(491, 509)]


def test_a_known_emitter_that_lost_totals_never_counts_twice() -> None:
    lost = {Part.READ_OF_INPUT: 900}
    both = {Part.INPUT: 100, Part.READ_OF_INPUT: 90}
    again = {Part.INPUT: 2_000, Part.READ_OF_INPUT: 10}
    assert sum_tokens(counted(lost, both, again)).total == 2_100


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(WITHIN, COUNT)), min_size=1), st.data())
def test_totals_do_not_depend_on_how_exports_are_divided(exports: list[Parts], data: st.DataObject) -> None:
    for parts in exports:
        parts[Part.INPUT] += parts[Part.READ_OF_INPUT] + parts[Part.WRITTEN_OF_INPUT]
        parts[Part.OUTPUT] += parts[Part.REASONING_OF_OUTPUT]
    single = data.draw(st.permutations([{part: tokens} for parts in exports for part, tokens in parts.items()]))
    together, apart = sum_tokens(counted(*exports)), sum_tokens(counted(*single))
    assert (
        sides(apart) == sides(together) == (sum(p[Part.INPUT] for p in exports), sum(p[Part.OUTPUT] for p in exports))
    )


@given(st.lists(ANY))
def test_nothing_is_cut_and_nothing_is_taken_back(exports: list[Parts]) -> None:
    added = counted(*exports)
    assert all(kind >= 0 for tokens in added for kind in tokens)
    total = sum_tokens(added)
    grown = {part: sum(parts.get(part, 0) for parts in exports) for part in Part}
    cached = sum(grown[part] for part in Part if part.startswith(("read", "written")))
    beside = grown[Part.CACHE_READ] + grown[Part.CACHE_WRITE]
    assert sum(total[:3]) - beside in {max(grown[Part.INPUT], cached), grown[Part.INPUT] + cached}
