"""Which subjects of commits are refused, and why."""

import pytest

from development.commit_subject import find_problem, rooms_of

ROOMS = rooms_of(
    ["workers/facts/model.py", "workers/work_queue.py", "service/telemetry/otlp.py", ".ci/run", "README.md"]
)


@pytest.mark.parametrize(
    "subject",
    [
        "facts: store labels once",
        "work_queue: back off by one formula",
        "work-queue: back off by one formula",
        "facts, telemetry: share the reader of times",
        "ci: run on Python 3.14",
        "readme: show the picture first",
        "make: add hooks",
        'Revert "facts: store labels once"',
        "Merge branch 'main'",
        "fixup! facts: store labels once",
    ],
)
def test_a_subject_that_begins_with_a_room_is_accepted(subject: str) -> None:
    assert find_problem(subject, ROOMS) is None


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("", "must begin with the folder or module"),
        ("Store labels once", "must begin with the folder or module"),
        ("facts:store labels once", "must begin with the folder or module"),
        ("fact: store labels once", "no folder or module named fact;"),
        ("facts, kitchen: store labels once", "no folder or module named kitchen;"),
        ("facts: store labels once.", "full stop"),
        (f"facts: {'long ' * 20}", "characters"),
    ],
)
def test_another_subject_is_refused_with_what_to_write(subject: str, problem: str) -> None:
    assert problem in (find_problem(subject, ROOMS) or "")
