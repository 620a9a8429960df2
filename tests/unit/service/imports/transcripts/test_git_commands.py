import pytest

from service.imports.transcripts.git_commands import Act, GitCommand, git_commands

HOME = "/code/repository"


def commands(text: str) -> list[GitCommand]:
    return git_commands(text, HOME)


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("git checkout -b feature", "feature"),
        ("git checkout -B feature origin/main", "feature"),
        ("git switch -c feature main", "feature"),
        ("git switch --create=feature", "feature"),
        ("git switch feature", "feature"),
        ("git -c core.pager=cat checkout -qb feature", None),
        ("git checkout feature", None),
        ("git checkout -- file.py", None),
    ],
)
def test_a_checkout_names_its_branch_where_it_can_be_no_file(text: str, branch: str | None) -> None:
    assert commands(text) == [GitCommand(Act.CHECKOUT, HOME, branch)]


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("git commit -m one", HOME),
        ("cd sub && git commit -m one", f"{HOME}/sub"),
        ("cd /other/place; git commit -m one", "/other/place"),
        ("git -C ../beside commit -m one", "/code/beside"),
        ("cd sub && git -C .. commit -m one", HOME),
        ("GIT_AUTHOR_DATE=now git commit -m one", HOME),
        ('git add -A && git commit -m "git push; cd /nowhere"', HOME),
        ("(cd sub && git commit -m one)", f"{HOME}/sub"),
    ],
)
def test_folders_are_followed(text: str, folder: str) -> None:
    assert commands(text) == [GitCommand(Act.COMMIT, folder)]


def test_a_message_in_a_here_document_holds_no_commands() -> None:
    text = "git commit -m \"$(cat <<'EOF'\ngit push\ncd /nowhere\nEOF\n)\" && git push"

    assert [each.act for each in commands(text)] == [Act.COMMIT, Act.PUSH]


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("git worktree add -b feature ../feature origin/main", "feature"),
        ("git worktree add ../feature", "feature"),
        ("git worktree add ../feature topic", "topic"),
    ],
)
def test_a_worktree_has_a_folder_and_a_branch(text: str, branch: str) -> None:
    assert commands(text) == [GitCommand(Act.WORKTREE, HOME, branch, "/code/feature")]


@pytest.mark.parametrize("text", ["gh pr create --head feature --fill", "glab mr create -s feature -f"])
def test_opening_a_pull_request_may_name_its_branch(text: str) -> None:
    assert commands(text) == [GitCommand(Act.OPEN, HOME, "feature")]


@pytest.mark.parametrize("text", ["git status", "git log --oneline", "echo 'git commit'", "git", "cat 'unclosed", ""])
def test_other_commands_do_nothing(text: str) -> None:
    assert commands(text) == []
