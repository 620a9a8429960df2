"""Pull requests: the list of a period by what each cost at least, and one found by number, name or id."""
