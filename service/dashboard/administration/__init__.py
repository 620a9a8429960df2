"""Administration: who may get in, what administrators did, and what workers gave up on."""
