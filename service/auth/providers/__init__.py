"""Identity providers: OpenID Connect with discovery, which GitLab speaks too, and GitHub's OAuth."""
