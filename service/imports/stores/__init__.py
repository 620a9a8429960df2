"""What coding agents keep of their requests on a developer's machine: one reader a store."""
