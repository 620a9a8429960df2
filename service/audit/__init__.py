"""The audit log: what administrators did, when, and with which key or role; never who they are by name."""
