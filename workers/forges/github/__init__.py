"""The GitHub client, over REST and GraphQL."""
