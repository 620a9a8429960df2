"""Commands about who may open the dashboard, and the audit log."""
