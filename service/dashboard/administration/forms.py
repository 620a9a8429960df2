"""Forms of the page: say what was done."""

from litestar.response import Redirect

from service.dashboard.shell.answers import HEADERS


def done(what: str, section: str) -> Redirect:
    """Return to the page, which says what was done."""
    return Redirect(f"/administration?done={what}#{section}", status_code=303, headers=HEADERS)
