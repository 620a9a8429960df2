"""SQL for teams, their repositories and their code owners."""
