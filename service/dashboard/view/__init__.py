"""What the address of a page holds: period, comparison, filters, unit and price. Pure."""
