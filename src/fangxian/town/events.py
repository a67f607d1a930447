"""The short list of what rooms of the second floor tell each other.

Rooms do not import one another; they send and receive these. Receivers run in the sender's
transaction: what they write stands or falls with it.
"""

from django.dispatch import Signal

# episode: warn.Episode, by: audit.Actor
episode_opened = Signal()
episode_closed = Signal()
# case: warn.Case, by: audit.Actor
case_recorded = Signal()
# old: town.Place (closed), into: town.Place, by: audit.Actor
place_merged = Signal()
# duty: town.Duty (ended), to: town.Staff, by: audit.Actor
duty_handed_over = Signal()
# resident: town.Resident whose identity was just erased, by: audit.Actor
resident_erased = Signal()
