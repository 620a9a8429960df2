"""Finds reports of the same model request from agents, gateways and providers. Pure; independent of order."""
