"""What templates do with names."""

import pytest

from service.dashboard.shell.answers import breakable


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("github.com/acme/web", "github.com/<wbr>acme/<wbr>web"),
        ("acme/web#7", "acme/<wbr>web<wbr>#7"),
        ("acme/web@v1.2", "acme/<wbr>web<wbr>@v1.2"),
        ("checkout", "checkout"),
        ("<b>'&/x", "&lt;b&gt;&#39;&amp;/<wbr>x"),
        ("", ""),
    ],
)
def test_a_name_breaks_between_its_parts_and_stays_escaped(name: str, expected: str) -> None:
    assert str(breakable(name)) == expected
