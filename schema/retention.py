"""For how long raw token events may live at the very most, which settings and those who forget must agree on."""

from datetime import timedelta

AT_THE_LATEST = timedelta(days=7)
