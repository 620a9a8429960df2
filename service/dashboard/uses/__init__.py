"""Models, workflows and prompts: what each costs, and what its versions changed."""
