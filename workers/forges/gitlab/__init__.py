"""The client of GitLab, over REST and GraphQL."""
