"""The page that people open: server-rendered, with nothing from elsewhere."""
