"""Decisions of repairs, pure: what a forge's lists show to be missing, and when it is asked for again."""
