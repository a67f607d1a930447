"""What the reports count, one file a page."""
