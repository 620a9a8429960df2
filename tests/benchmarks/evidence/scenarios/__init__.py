"""One file a scenario, each with a STORY; `on` is the pull request that tokens are for, 0 for none."""
