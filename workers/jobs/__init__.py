"""Jobs, one file each: load, call a pure function, save. Every job may run twice, late or out of order."""
