"""Pull requests and releases: lists of them, and everything about one."""
