"""The client of GitHub, over REST and GraphQL."""
