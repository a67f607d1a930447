"""Pages of the reports: thin, one file a page."""
