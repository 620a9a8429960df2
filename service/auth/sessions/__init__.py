"""Sessions of people who view pages: kept in PostgreSQL, found by the digest of a cookie."""
