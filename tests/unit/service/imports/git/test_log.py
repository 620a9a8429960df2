from datetime import UTC, datetime

from service.imports.git.log import (
    Commit,
    Message,
    Tag,
    parse_changed_paths,
    parse_graph,
    parse_instant,
    parse_messages,
    parse_tags,
)

OLD, NEW = "a" * 40, "b" * 40


def test_the_graph_keeps_order_parents_and_times() -> None:
    commits = parse_graph([f"{NEW} 200 300 {OLD} {'c' * 40}", f"{OLD} 100 100 "])
    assert list(commits) == [NEW, OLD]
    assert commits[NEW] == Commit(
        NEW, (OLD, "c" * 40), datetime.fromtimestamp(200, UTC), datetime.fromtimestamp(300, UTC)
    )
    assert commits[OLD].parents == ()


def test_times_that_no_calendar_holds_do_not_stop_an_import() -> None:
    assert parse_instant("99999999999999") == datetime(9999, 1, 1, tzinfo=UTC)
    assert parse_instant("-5") == parse_instant("") == datetime(1970, 1, 1, tzinfo=UTC)


def test_messages_may_hold_newlines_and_separators() -> None:
    text = f"{NEW}\0Subject | with: signs\0Body\n\nof lines\n\0{OLD}\0\0\0"
    assert list(parse_messages(text)) == [
        Message(NEW, "Subject | with: signs", "Body\n\nof lines\n"),
        Message(OLD, "", ""),
    ]
    assert list(parse_messages("")) == []


def test_tags_of_anything_but_a_commit_are_left_out() -> None:
    commits = parse_graph([f"{OLD} 100 150 "])
    lines = [f"{OLD}\0\x00200\0light", f"{NEW}\0{OLD}\x00300\0annotated", f"{NEW}\0\x00300\0of-a-tree"]
    assert list(parse_tags(lines, commits)) == [
        Tag("light", OLD, datetime.fromtimestamp(200, UTC)),
        Tag("annotated", OLD, datetime.fromtimestamp(300, UTC)),
    ]


def test_a_tag_without_a_time_has_its_commits_time() -> None:
    commits = parse_graph([f"{OLD} 100 150 "])
    assert list(parse_tags([f"{NEW}\0{OLD}\0\0ancient"], commits)) == [
        Tag("ancient", OLD, datetime.fromtimestamp(150, UTC))
    ]


def test_paths_of_any_name_are_read_for_wanted_commits_only() -> None:
    one, two, three = ("1" * 40, "2" * 40, "3" * 64)
    text = f"\x01{one}\0\na b\0c\nd\0\x01{two}\0\ne\0\x01{three}\0"
    assert list(parse_changed_paths(text, {one, three})) == [(one, ["a b", "c\nd"]), (three, [])]
    assert list(parse_changed_paths("", {one})) == []
