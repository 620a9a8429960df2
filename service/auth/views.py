"""Views that a link may share: the address of a page and its parameters. Pure."""

from urllib.parse import parse_qsl, urlencode

from schema.errors import BadInputError

# Parameters of pages. Free text, such as a search, is never shared.
PARAMETERS = (
    *("period", "compare", "team", "repository", "model", "provider", "workflow", "prompt", "feature", "region"),
    *("unit", "price", "state", "sort", "page"),
)
LONGEST_VIEW = 1_000
# Sharing shows figures, so it never opens a page that changes something or signs in.
PRIVATE = ("/api/", "/administration", "/github", "/setup", "/sign-in", "/sign-out", "/shared", "/assets", "/schema")


def read_view(text: str) -> str:
    """Check a view and return it with its parameters in order; raises BadInputError."""
    path, _, query = text.strip().partition("?")
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "#" not in text
    if not is_path or len(text) > LONGEST_VIEW:
        raise BadInputError("must be a page's path and query, for example /spend?period=4w", field="view")
    if path.startswith(PRIVATE):
        raise BadInputError("must be a page with figures, for example /spend?period=4w", field="view")
    given = parse_qsl(query, keep_blank_values=True)
    for name, _value in given:
        if name not in PARAMETERS:
            raise BadInputError(f"may have the parameters {', '.join(PARAMETERS)}", field="view")
    return f"{path}?{urlencode(sorted(given))}" if given else path


def is_same_view(view: str, path: str, query: str) -> bool:
    """Return whether a request is for the shared view, as a page or as its file."""
    shared, _, parameters = view.partition("?")
    # The files of `/` need another name.
    file = "/overview" if shared == "/" else shared
    is_path = path in {shared, f"{file}.csv", f"{file}.json"}
    return is_path and sorted(parse_qsl(query, keep_blank_values=True)) == sorted(
        parse_qsl(parameters, keep_blank_values=True)
    )
