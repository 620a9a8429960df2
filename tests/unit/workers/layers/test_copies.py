from collections import Counter
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.layers.tellings import AGENT, GATEWAY, PROVIDER, TELLINGS, reported
from vocabulary.layers import ORDER, Layer
from workers.layers.copies import find_copies
from workers.layers.reports import FAR, LARGE, NEAR, RequestReport


def test_a_request_reported_by_agent_and_gateway_counts_as_the_agents() -> None:
    assert find_copies([reported("a", AGENT, 0), reported("g", GATEWAY, 0.2)], ORDER) == {b"g": b"a"}


def test_the_order_of_layers_decides_which_one_counts() -> None:
    both = [reported("a", AGENT, 0), reported("g", GATEWAY, 0.2)]
    assert find_copies(both, (GATEWAY, AGENT, PROVIDER)) == {b"a": b"g"}


def test_a_request_reported_by_three_layers_counts_once() -> None:
    three = [reported("p", PROVIDER, 1), reported("a", AGENT, 0), reported("g", GATEWAY, 0.2)]
    assert find_copies(three, ORDER) == {b"g": b"a", b"p": b"a"}


def test_two_requests_with_equal_counts_in_one_minute_both_count_when_each_layer_reports_both() -> None:
    tellings = [
        reported("a1", AGENT, 0),
        reported("a2", AGENT, 30),
        reported("g1", GATEWAY, 1),
        reported("g2", GATEWAY, 31),
    ]
    assert find_copies(tellings, ORDER) == {b"g1": b"a1", b"g2": b"a2"}


def test_requests_of_one_layer_are_never_copies_of_each_other() -> None:
    assert find_copies([reported("g1", GATEWAY, 0), reported("g2", GATEWAY, 0)], ORDER) == {}


def test_an_applications_request_beside_an_agents_counts_and_the_nearer_one_is_the_copy() -> None:
    tellings = [reported("a", AGENT, 50), reported("application", GATEWAY, 0), reported("copy", GATEWAY, 51)]
    assert find_copies(tellings, ORDER) == {b"copy": b"a"}


def test_a_late_clock_leaves_no_request_without_its_copy() -> None:
    """The gateway's first telling is nearer to the agent's second request than to its own."""
    tellings = [
        reported("a1", AGENT, 0),
        reported("g1", GATEWAY, 50),
        reported("a2", AGENT, 65),
        reported("g2", GATEWAY, 115),
    ]
    assert find_copies(tellings, ORDER) == {b"g1": b"a1", b"g2": b"a2"}


def test_counts_that_differ_by_a_token_or_are_further_apart_than_the_reach_are_two_requests() -> None:
    assert find_copies([reported("a", AGENT, 0), reported("g", GATEWAY, 0, output=43)], ORDER) == {}
    late = FAR.total_seconds() + 1
    assert find_copies([reported("a", AGENT, 0), reported("g", GATEWAY, late)], ORDER) == {}


def test_small_requests_must_be_nearer() -> None:
    late = NEAR.total_seconds() + 1
    assert find_copies([reported("a", AGENT, 0, 300), reported("g", GATEWAY, late, 300)], ORDER) == {}
    assert find_copies([reported("a", AGENT, 0, 300), reported("g", GATEWAY, late - 2, 300)], ORDER) == {b"g": b"a"}


def test_requests_without_tokens_are_not_taken_for_one() -> None:
    assert find_copies([reported("a", AGENT, 0, 0, output=0), reported("g", GATEWAY, 0, 0, output=0)], ORDER) == {}


def test_the_providers_id_is_surer_than_counts() -> None:
    """A retry may be counted differently on either side, and two requests of equal counts are distinguished."""
    tellings = [
        reported("a1", AGENT, 0, request=b"one"),
        reported("a2", AGENT, 1, request=b"two"),
        reported("g1", GATEWAY, 1, request=b"one"),
        reported("g2", GATEWAY, 50, 7_000, request=b"two"),
    ]
    assert find_copies(tellings, ORDER) == {b"g1": b"a1", b"g2": b"a2"}


def test_one_id_on_several_requests_makes_as_many_pairs() -> None:
    tellings = [reported(f"a{number}", AGENT, number, request=b"one") for number in range(3)]
    tellings += [reported(f"g{number}", GATEWAY, number + 0.1, request=b"one") for number in range(2)]
    assert len(find_copies(tellings, ORDER)) == 2


def test_models_are_recognised_by_any_of_their_names() -> None:
    gateway = reported("g", GATEWAY, 0, model="anthropic/claude-sonnet-4.5-20250929")
    assert find_copies([reported("a", AGENT, 0), gateway], ORDER) == {b"g": b"a"}


def test_a_gateways_own_name_for_a_model_is_recognised_by_large_counts_only() -> None:
    assert find_copies([reported("a", AGENT, 0), reported("g", GATEWAY, 0, model="our-best")], ORDER) == {b"g": b"a"}
    small = [reported("a", AGENT, 0, 300), reported("g", GATEWAY, 0, 300, model="our-best")]
    assert find_copies(small, ORDER) == {}


def test_two_known_models_are_never_one() -> None:
    assert find_copies([reported("a", AGENT, 0), reported("g", GATEWAY, 0, model="gpt-5.1")], ORDER) == {}


def test_thousands_of_equal_requests_are_paired_in_their_order() -> None:
    tellings = [reported(f"a{number}", AGENT, number / 100) for number in range(3_000)]
    tellings += [reported(f"g{number}", GATEWAY, number / 100) for number in range(3_000)]
    copies = find_copies(tellings, ORDER)
    assert len(copies) == 3_000
    assert len(set(copies.values())) == 3_000


@given(TELLINGS, st.randoms(use_true_random=False), st.permutations(ORDER))
def test_nothing_depends_on_the_order_of_arrival_and_every_copy_has_a_counterpart_of_its_own(
    tellings: list[RequestReport], random: Random, order: list[Layer]
) -> None:
    copies = find_copies(tellings, order)
    shuffled = list(tellings)
    random.shuffle(shuffled)
    assert find_copies(shuffled, order) == copies
    by_id = {each.event_id: each for each in tellings}
    for layer in order:
        counterparts = Counter(counted for copy, counted in copies.items() if by_id[copy].layer is layer)
        assert set(counterparts.values()) <= {1}
    for copy, counted in copies.items():
        assert counted not in copies
        assert order.index(by_id[counted].layer) < order.index(by_id[copy].layer)


@given(TELLINGS, TELLINGS)
def test_what_is_far_apart_in_time_may_be_looked_at_apart(one: list[RequestReport], other: list[RequestReport]) -> None:
    later = [
        each._replace(event_id=b"later" + each.event_id, occurred_at=each.occurred_at + timedelta(hours=1))
        for each in other
    ]
    assert find_copies([*one, *later], ORDER) == find_copies(one, ORDER) | find_copies(later, ORDER)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from([LARGE, 6_000])), max_size=12),
    st.integers(-60, 60),
)
def test_requests_of_both_layers_count_once_each_however_late_one_clock_is(
    requests: list[tuple[int, int]], late: int
) -> None:
    agents = [reported(f"a{number}", AGENT, at, total) for number, (at, total) in enumerate(requests)]
    gateways = [reported(f"g{number}", GATEWAY, at + late, total) for number, (at, total) in enumerate(requests)]
    copies = find_copies([*agents, *gateways], ORDER)
    assert set(copies) == {each.event_id for each in gateways}


def test_an_agent_and_its_host_are_two_witnesses_of_one_layer() -> None:
    agent, host = reported("a", AGENT, 0), reported("h", AGENT, 0.5)._replace(group="0 copilot")
    assert find_copies([host, agent], ORDER) == {b"h": b"a"}
    elsewhere = reported("g", GATEWAY, 0.2)
    assert find_copies([elsewhere, host, agent], ORDER) == {b"h": b"a", b"g": b"a"}
