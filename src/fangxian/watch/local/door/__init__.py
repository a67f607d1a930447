"""The HTTP door: takes events, puts them on the disk, then says 202."""

from .serving import Address, serve

__all__ = ["Address", "serve"]
