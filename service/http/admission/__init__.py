"""What one client may take of a process: connections, heads, bodies, time, and requests without a valid key."""
