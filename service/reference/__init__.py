"""What makes the description of the API readable: short operation ids, examples, and a page to browse it."""
