"""The shell around every page: base template, style, script, font, headers, and how a page is opened and answered."""
