"""What is stored and exchanged: settings, database, queue, errors, identifiers, tables and contracts."""
