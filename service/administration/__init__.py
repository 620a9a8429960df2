"""What an administrator does straight in the database, where no key is needed and no service need be running."""
