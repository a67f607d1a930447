"""Warnings out: to the terminal, files, other systems and the first line."""

from .first_line import FirstLine
from .json_lines import JsonLines, Out
from .parquet import ParquetFolder
from .sink import Aside, Refused, Sink, Unavailable
from .webhook import Webhook

__all__ = [
    "Aside",
    "FirstLine",
    "JsonLines",
    "Out",
    "ParquetFolder",
    "Refused",
    "Sink",
    "Unavailable",
    "Webhook",
]
