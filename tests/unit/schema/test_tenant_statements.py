"""A tenant's handle puts the organization's id in front: each statement that it runs must mean that by `$1`."""

import re

import pytest

from tests.harness.statements import OPEN, Call, calls_of_tenants

CALLS = calls_of_tenants()

_PARAMETER = re.compile(r"\$(\d+)")
_COMPARED = re.compile(r"([\w.]+)\s*=\s*\$1\b")
# Locks are of the organization, but have no column to name it by.
_LOCK = re.compile(r"SELECT pg_advisory_xact_lock(_shared)?\(hashtextextended\('[\w-]+', \$1::bigint\)\)")


def of_each_file() -> list[list[Call]]:
    files: dict[str, list[Call]] = {}
    for call in CALLS:
        files.setdefault(call.place.partition(":")[0], []).append(call)
    return list(files.values())


every_file = pytest.mark.parametrize("calls", of_each_file(), ids=lambda calls: calls[0].place.partition(":")[0])


def test_the_calls_of_the_whole_product_are_found() -> None:
    assert len(CALLS) > 400


@every_file
def test_each_statement_can_be_read_in_the_source(calls: list[Call]) -> None:
    assert [call.place for call in calls if not call.statements] == []


@every_file
def test_each_statement_names_the_organization_and_its_first_argument(calls: list[Call]) -> None:
    nameless = [
        (call.place, statement)
        for call in calls
        for statement in call.statements
        if not _LOCK.fullmatch(statement.strip()) and not ("organization_id" in statement and "$1" in statement)
    ]
    assert nameless == []


@every_file
def test_nothing_but_the_organization_is_compared_with_the_first_argument(calls: list[Call]) -> None:
    compared = {
        (call.place, name) for call in calls for statement in call.statements for name in _COMPARED.findall(statement)
    }
    assert [each for each in sorted(compared) if each[1].rpartition(".")[2] != "organization_id"] == []


@every_file
def test_each_statement_is_given_as_many_arguments_as_it_has(calls: list[Call]) -> None:
    differing = [
        (call.place, statement)
        for call in calls
        for statement in call.statements
        if call.arguments is not None and OPEN not in statement
        if max(map(int, _PARAMETER.findall(statement)), default=0) != call.arguments + 1
    ]
    assert differing == []
