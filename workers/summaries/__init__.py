"""What is shown of a pull request at its forge: pure, from figures to text."""
