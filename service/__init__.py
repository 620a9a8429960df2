"""The Litestar application and the command line."""
