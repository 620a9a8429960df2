"""Teams at a forge, and the owners of repositories and pull requests. Pure."""
