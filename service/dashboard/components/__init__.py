"""What pages are made of: figures that explain themselves, trust strips, notices, navigation. Pure; has macros."""
