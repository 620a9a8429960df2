"""The GitLab client, over REST."""
