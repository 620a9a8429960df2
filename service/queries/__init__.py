"""SQL behind endpoints and pages, one file per query or change."""
