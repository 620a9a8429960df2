"""The Litestar application and the command line: what takes requests in and answers questions."""
