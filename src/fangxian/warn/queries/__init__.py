"""Reads of the first line. Every list starts from `visible.py`."""
