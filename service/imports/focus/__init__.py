"""Reads bills in the FOCUS format (FinOps Open Cost and Usage Specification), versions 1.0 to 1.4, and GitHub's."""
