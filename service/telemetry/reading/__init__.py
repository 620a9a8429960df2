"""What is read the same way from the records of every source: links, counts, times, outcomes. Pure."""
