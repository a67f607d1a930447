"""Reads of the town: people, places, duties, trust. One file per concern."""

from .duties import absent, chain_of, duty_of, on_shift
from .gaps import Gap, Overlap, gaps, gaps_and_overlaps, overlaps
from .people import residents_by_phone, visible_households, visible_residents, visible_staff
from .picture import duty_tree
from .places import PlaceFinder, place_by_text

__all__ = [
    "Gap",
    "Overlap",
    "PlaceFinder",
    "absent",
    "chain_of",
    "duty_of",
    "duty_tree",
    "gaps",
    "gaps_and_overlaps",
    "on_shift",
    "overlaps",
    "place_by_text",
    "residents_by_phone",
    "visible_households",
    "visible_residents",
    "visible_staff",
]
