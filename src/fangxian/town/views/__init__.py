"""Pages: see town/urls.py."""
