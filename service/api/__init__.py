"""REST endpoints, one file per resource."""
