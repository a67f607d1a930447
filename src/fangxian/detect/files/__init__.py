"""Looking at a file of texts: csv, jsonl or parquet in, the same with verdict columns out."""

from .checking import Told, check_file
from .opening import UnreadableFile, decoded

__all__ = ["Told", "UnreadableFile", "check_file", "decoded"]
