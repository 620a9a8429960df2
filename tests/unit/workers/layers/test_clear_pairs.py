from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.layers.tellings import AGENT, GATEWAY, PROVIDER, TELLINGS, reported
from vocabulary.layers import ORDER
from vocabulary.model_keys import find_model, model_key
from workers.layers.clear_pairs import ReportColumns, find_clear_pairs
from workers.layers.copies import find_copies
from workers.layers.neighbours import connected
from workers.layers.reports import RequestReport

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
REQUESTS = {None: 0, b"one": 1, b"two": 2}


def columns(reports: Sequence[RequestReport], new: Collection[bytes], known: Collection[str] = ()) -> ReportColumns:
    """`known` are the models that the caller knows, by default all."""
    models = sorted({model_key(each.model) for each in reports})
    families = ["", *sorted({find_model(each.model) for each in reports} - {""})]
    return ReportColumns(
        np.array([(each.occurred_at - EPOCH) // timedelta(microseconds=1) for each in reports], dtype=np.int64),
        np.array([each.input for each in reports], dtype=np.int64),
        np.array([each.output for each in reports], dtype=np.int64),
        np.array([REQUESTS[each.request] for each in reports], dtype=np.int64),
        np.array([ORDER.index(each.layer) for each in reports], dtype=np.int64),
        np.array(
            [models.index(model_key(each.model)) if not known or each.model in known else -1 for each in reports],
            dtype=np.int64,
        ),
        np.array([families.index(find_model(each.model)) for each in reports], dtype=np.int64),
        np.array([each.event_id in new for each in reports], dtype=bool),
    )


def pairs(reports: Sequence[RequestReport], **names: Collection[str]) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Return clear copies of new reports with what counts instead, and the unclear reports."""
    found = find_clear_pairs(columns(reports, {each.event_id for each in reports}, **names))
    ids = [each.event_id for each in reports]
    copies = {ids[copy]: ids[counted] for copy, counted in zip(found.copies, found.counted, strict=True)}
    return copies, {each for each, is_unclear in zip(ids, found.is_unclear, strict=True) if is_unclear}


def test_two_reports_of_two_layers_without_a_third_are_clear() -> None:
    assert pairs([reported("g", GATEWAY, 0.2), reported("a", AGENT, 0)]) == ({b"g": b"a"}, set())


def test_what_cannot_be_a_copy_is_clear_as_well() -> None:
    assert pairs([reported("a", AGENT, 0), reported("g", GATEWAY, 61)]) == ({}, set())
    assert pairs([reported("a", AGENT, 0), reported("b", AGENT, 1)]) == ({}, set())
    assert pairs([reported("a", AGENT, 0), reported("g", GATEWAY, 0, model="gpt-5.1")]) == ({}, set())


def test_a_third_report_of_equal_counts_or_with_the_id_of_one_makes_a_pair_unclear() -> None:
    pair = [reported("a", AGENT, 0, request=b"one"), reported("g", GATEWAY, 0.2)]
    third = [reported("p", PROVIDER, 50)]
    assert pairs([*pair, *third]) == ({}, {b"a", b"g", b"p"})
    retried = [reported("p", PROVIDER, 0.5, 7_000, request=b"one")]
    assert pairs([*pair, *retried]) == ({}, {b"a", b"g", b"p"})


def test_a_model_that_the_caller_does_not_know_makes_a_pair_unclear() -> None:
    pair = [reported("a", AGENT, 0), reported("g", GATEWAY, 0.2, model="our-best")]
    assert pairs(pair, known=["claude-sonnet-4-5"]) == ({}, {b"a", b"g"})


def test_nothing_that_was_folded_under_another_policy_is_clear() -> None:
    of_one_layer = [reported("a", AGENT, 0), reported("b", AGENT, 1)]
    found = find_clear_pairs(columns(of_one_layer, {b"a", b"b"}), again=True)
    assert (len(found.copies), found.is_unclear.tolist()) == (0, [True, True])


@given(TELLINGS.filter(bool), st.data())
def test_clear_pairs_of_new_reports_and_the_unclear_rest_paired_again_equal_pairing_all_reports(
    tellings: list[RequestReport], data: st.DataObject
) -> None:
    new = data.draw(st.sets(st.sampled_from(sorted(each.event_id for each in tellings))))
    before = find_copies([each for each in tellings if each.event_id not in new], ORDER)
    found = find_clear_pairs(columns(tellings, new))
    ids = [each.event_id for each in tellings]
    clear = {ids[copy]: ids[counted] for copy, counted in zip(found.copies, found.counted, strict=True)}
    unclear = {each for each, is_unclear in zip(ids, found.is_unclear, strict=True) if is_unclear}
    rest = connected(tellings, unclear) if unclear else []
    again = {each.event_id for each in rest}
    assert again.isdisjoint({*clear, *clear.values()})
    kept = {copy: counted for copy, counted in before.items() if copy not in again}
    assert {**kept, **clear, **find_copies(rest, ORDER)} == find_copies(tellings, ORDER)
