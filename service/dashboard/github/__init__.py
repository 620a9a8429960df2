"""GitHub: create an App in the browser, install it, follow its backfill."""
