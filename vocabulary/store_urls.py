"""URLs of PostgreSQL and Redis, checked before anything connects, so that a mistake is named at once."""

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from vocabulary.web_addresses import HIGHEST_PORT, is_host

DATABASE_EXAMPLE = "postgresql://shipledger@localhost:5432/shipledger"
REDIS_EXAMPLE = "redis://localhost:6379/0"
DATABASE_SCHEMES = frozenset(("postgresql", "postgres"))
REDIS_SCHEMES = frozenset(("redis", "rediss", "unix"))
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def check_database_url(url: str) -> str:
    """Return the URL without surrounding space; raises ValueError that says what it must be, never what it contains."""
    cleaned = url.strip()
    parts = _split(cleaned, DATABASE_EXAMPLE)
    if parts.scheme not in DATABASE_SCHEMES or "://" not in cleaned:
        raise ValueError(f"must begin with postgresql://, for example {DATABASE_EXAMPLE}")
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    place = parts.netloc.rpartition("@")[2]
    for each in place.split(",") if place else []:
        _check_place(each, DATABASE_EXAMPLE)
    if not place:
        for host in filter(None, query.get("host", "").split(",")):
            if not host.startswith("/") and not is_host(host):
                raise ValueError(f"must have a valid host, for example {DATABASE_EXAMPLE}")
        if not all(map(_is_port, filter(None, query.get("port", "").split(",")))):
            raise ValueError(f"must have a port from 1 to {HIGHEST_PORT}, for example {DATABASE_EXAMPLE}")
    name = unquote(parts.path.removeprefix("/")) or query.get("dbname") or query.get("database")
    if not name or "/" in name:
        raise ValueError(f"must end with the name of one database, for example {DATABASE_EXAMPLE}")
    if query.get("sslmode", SSL_MODES[0]) not in SSL_MODES:
        raise ValueError(f"must have one of these for sslmode: {', '.join(SSL_MODES)}")
    return cleaned


def check_redis_url(url: str) -> str:
    """Return the URL without surrounding space and last slash, empty for no Redis; raises ValueError as above."""
    cleaned = url.strip()
    if not cleaned:
        return ""
    parts = _split(cleaned, REDIS_EXAMPLE)
    if parts.scheme not in REDIS_SCHEMES or "://" not in cleaned:
        raise ValueError(f"must begin with redis://, rediss:// or unix://, for example {REDIS_EXAMPLE}")
    if parts.scheme == "unix":
        if parts.netloc.rpartition("@")[2] or len(parts.path) < len("/x"):
            raise ValueError("must name the socket by its whole path, for example unix:///run/redis/redis.sock")
        return cleaned
    _check_place(parts.netloc.rpartition("@")[2], REDIS_EXAMPLE)
    database = parse_qs(parts.query).get("db", [parts.path.strip("/") or "0"])[0]
    if not (database.isascii() and database.isdecimal()):
        raise ValueError(f"must end with the number of a database, for example {REDIS_EXAMPLE}")
    return cleaned.removesuffix("/")


def _split(url: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"must have a valid host, for example {example}") from None
    if any(character.isspace() for character in url) or parts.fragment or "#" in url:
        raise ValueError(
            f"must not contain spaces or #; write special characters of a password as %23, for example {example}"
        )
    return parts


def _check_place(place: str, example: str) -> None:
    """Check `host` or `host:port`; a host may be the encoded folder of a socket."""
    host, colon, port = place.partition("]:") if place.startswith("[") else place.partition(":")
    if place.startswith("[") and colon:
        host += "]"
    escaped = "write special characters of a password, such as / and @, as %2F and %40"
    if not unquote(host).startswith("/") and not is_host(host):
        raise ValueError(f"must have a valid host; {escaped}, for example {example}")
    if colon and not _is_port(port):
        raise ValueError(f"must have a port from 1 to {HIGHEST_PORT}; {escaped}, for example {example}")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) <= HIGHEST_PORT
