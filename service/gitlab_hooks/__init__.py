"""Webhooks at GitLab, wished for here and made by workers."""
