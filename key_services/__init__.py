"""The key ring of the settings, and the services that unwrap the data keys of a key file. Imports only schema."""
