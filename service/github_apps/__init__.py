"""Registration of a GitHub App from a manifest."""
