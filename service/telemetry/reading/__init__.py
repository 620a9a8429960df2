"""What records of any source say alike: links, counts, times, outcomes. Pure."""
