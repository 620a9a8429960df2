"""Webhooks at GitLab: registration requests, which workers carry out."""
