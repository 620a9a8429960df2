"""URLs of PostgreSQL and Redis: what is taken, and how a mistake is named."""

import pytest

from vocabulary.store_urls import check_database_url, check_redis_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shipledger@localhost:5432/shipledger",
        "postgres://u:p%40ss@db.internal/ledger",
        "postgresql://u@[2001:db8::7]:5433/ledger",
        "postgresql://u@one:5432,two:5433/ledger?target_session_attrs=read-write",
        "postgresql:///ledger",
        "postgresql://shipledger@/shipledger?host=%2Ftmp%2Fshipledger-x",
        "postgresql://u@%2Frun%2Fpostgresql/ledger",
        "postgresql://u@localhost?dbname=ledger",
        "postgresql://u@localhost/ledger?sslmode=verify-full",
    ],
)
def test_the_urls_of_postgresql_are_taken(url: str) -> None:
    assert check_database_url(f" {url} ") == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "begin with postgresql://"),
        ("junk", "begin with postgresql://"),
        ("mysql://u:CANARY@localhost/x", "begin with postgresql://"),
        ("postgresql+asyncpg://u@localhost/x", "begin with postgresql://"),
        ("postgresql:localhost/x", "begin with postgresql://"),
        ("postgresql://u@localhost:5432", "name of one database"),
        ("postgresql://u@localhost:5432/", "name of one database"),
        ("postgresql://u@localhost/a/b", "name of one database"),
        ("postgresql://u@localhost:70000/x", "port from 1"),
        ("postgresql://u@localhost:0/x", "port from 1"),
        ("postgresql://u@localhost:abc/x", "port from 1"),
        ("postgresql://u@:5432/x", "valid host"),
        ("postgresql://u@-bad/x", "valid host"),
        ("postgresql://u@[::1/x", "valid host"),
        ("postgresql://u:CANARY/slash@localhost/x", "%2F"),
        ("postgresql://u:CANARY#x@localhost/x", "%23"),
        ("postgresql://u@local host/x", "spaces"),
        ("postgresql://u@/x?host=bad..host", "valid host"),
        ("postgresql://u@/x?host=localhost&port=x", "port from 1"),
        ("postgresql://u@localhost/x?sslmode=maybe", "sslmode"),
    ],
)
def test_a_mistake_in_the_url_of_postgresql_is_named(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        check_database_url(url)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("", ""),
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://localhost:6379/", "redis://localhost:6379"),
        ("rediss://:p%40ss@redis.internal", "rediss://:p%40ss@redis.internal"),
        ("redis://[::1]:6379/1", "redis://[::1]:6379/1"),
        ("unix:///run/redis/redis.sock", "unix:///run/redis/redis.sock"),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
    ],
)
def test_the_urls_of_redis_are_taken(url: str, taken: str) -> None:
    assert check_redis_url(url) == taken


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:6379", "begin with redis://"),
        ("http://localhost:6379", "begin with redis://"),
        ("redis:localhost", "begin with redis://"),
        ("redis://", "valid host"),
        ("redis://localhost:0", "port from 1"),
        ("redis://localhost:x", "port from 1"),
        ("redis://localhost/zero", "number of a database"),
        ("redis://localhost/0/1", "number of a database"),
        ("redis://:CANARY#@localhost", "%23"),
        ("unix://run/redis.sock", "whole path"),
        ("unix:///", "whole path"),
    ],
)
def test_a_mistake_in_the_url_of_redis_is_named(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        check_redis_url(url)
    assert "CANARY" not in str(refused.value)
