from workers.forges.github.queries import Rest, rest_query


def test_what_is_left_of_several_pull_requests_is_one_query_whose_cursors_are_variables() -> None:
    query, variables = rest_query([Rest(7, "commits", 'x"}'), Rest(7, "reviews", "y"), Rest(9, "commits", "z")])
    assert query.count("pullRequest(") == 3
    for alias in ("commits_7:", "reviews_7:", "commits_9:"):
        assert alias in query
    assert 'x"}' not in query
    assert variables == {"number0": 7, "after0": 'x"}', "number1": 7, "after1": "y", "number2": 9, "after2": "z"}
