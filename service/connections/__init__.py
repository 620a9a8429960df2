"""Connections to forges: public ids, credentials, and addresses of forges and this service. Pure."""
