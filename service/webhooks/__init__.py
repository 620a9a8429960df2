"""Webhooks of forges: verify, store, answer, wake. What a delivery means is for the workers."""
