"""Every command explains itself: a summary that is not cut off, an example, and options with descriptions."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.cli.main import COMMANDS, main

WIDTH = 80
UNITS = ("_seconds", "_bytes", "_mb", "_hours", "_days")


def _walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _walk(child, (*path, name))


ALL = dict(_walk(main))
GROUPS = [path for path, command in ALL.items() if isinstance(command, click.Group)]
OPTIONS = [
    pytest.param(path, option, id=" ".join((*path, option.opts[0])))
    for path, command in ALL.items()
    for option in command.params
    if isinstance(option, click.Option)
]


def _help(path: tuple[str, ...]) -> str:
    result = CliRunner().invoke(main, [*path, "--help"], prog_name="shipledger", terminal_width=WIDTH)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_help_of_every_command_ends_with_an_example_of_it(path: tuple[str, ...]) -> None:
    lines = _help(path).rstrip().splitlines()

    assert lines[-2].strip() == "Example:"
    assert lines[-1].strip().startswith(" ".join(("shipledger", *path)))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_an_example_fits_its_line_and_names_options_that_exist(path: tuple[str, ...]) -> None:
    words = _help(path).rstrip().splitlines()[-1].split()
    target, rest = main, words[1:]
    while isinstance(target, click.Group) and rest:
        child = target.get_command(click.Context(target), rest.pop(0))
        assert child is not None
        target = child
    known = {name for parameter in target.params for name in parameter.opts}

    assert len(" ".join(words)) + 4 <= WIDTH
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_every_command_has_one_whole_line_in_the_overview_of_its_group(path: tuple[str, ...]) -> None:
    group = ALL[path]
    assert isinstance(group, click.Group)
    overview = _help(path).split("Commands:\n")[1].split("\n\n")[0]

    assert "..." not in overview
    assert len(overview.splitlines()) == len(group.list_commands(click.Context(group)))
    assert all(line.endswith(".") for line in overview.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_overview_shows_the_first_sentence_of_each_command(name: str) -> None:
    command = ALL[(name,)]

    assert COMMANDS[name].summary == (command.help or "").split("\n\n")[0]


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_has_a_description(path: tuple[str, ...], option: click.Option) -> None:
    assert option.help, f"{' '.join(path)} {option.opts[0]}"
    assert option.help[0].isupper() or option.help.startswith("team.id")


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_with_a_default_shows_it(path: tuple[str, ...], option: click.Option) -> None:
    default = option.default
    shows = bool(option.show_default) or "[default:" in (option.help or "")
    has_default = isinstance(default, str | int | float | Path) and not isinstance(default, bool)

    assert shows or not has_default, f"{' '.join(path)} {option.opts[0]}"


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_that_takes_a_day_says_how_to_write_it(path: tuple[str, ...], option: click.Option) -> None:
    if isinstance(option.type, click.DateTime):
        assert "YYYY-MM-DD" in (option.help or ""), f"{' '.join(path)} {option.opts[0]}"


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_with_a_unit_in_its_name_says_the_unit(path: tuple[str, ...], option: click.Option) -> None:
    unit = next((unit for unit in UNITS if (option.name or "").endswith(unit)), None)
    if unit:
        assert re.search(unit.strip("_"), option.help or "", re.IGNORECASE), f"{' '.join(path)} {option.opts[0]}"


@pytest.mark.parametrize("path", [path for path in GROUPS if path], ids=" ".join)
def test_a_group_takes_url_and_key_where_each_of_its_commands_does(path: tuple[str, ...]) -> None:
    def takes(command: click.Command) -> bool:
        return {"url", "key"} <= {parameter.name for parameter in command.params}

    below = [command for each, command in ALL.items() if each[: len(path)] == path and each != path]
    leaves = [command for command in below if not isinstance(command, click.Group)]
    assert takes(ALL[path]) is all(map(takes, leaves))


def test_one_option_has_one_name() -> None:
    names = {tuple(option.opts) for command in ALL.values() for option in command.params if option.name == "group_by"}
    # The README names `month --by team`.
    assert names == {("--group-by",), ("--group-by", "--by")}
