"""Webhooks of forges: verify, store, answer, wake a worker. Workers parse the deliveries."""
