"""Reported texts that are one campaign, and the waves among them."""

from .campaigns import Campaigns, Report
from .file import load, save
from .masking import masked
from .waves import Wave, waves

__all__ = ["Campaigns", "Report", "Wave", "load", "masked", "save", "waves"]
