"""What clients report beside tokens and pull requests: outcomes of other work, and what guardrails refused."""
