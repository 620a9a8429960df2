"""SQL for questions about spend, which reads the sums that workers keep."""
