"""The short list of what rooms of the second floor tell each other.

Rooms do not import one another; they send and receive these. Receivers run in the sender's
transaction, under the writers' lock (`audit.hold`): what they write stands or falls with it.
Every receiver takes `**_kwargs`: an event may learn to say more.
"""

from django.dispatch import Signal

# episode: warn.Episode, by: audit.Actor
episode_opened = Signal()
episode_closed = Signal()
# case: warn.Case, by: audit.Actor
case_recorded = Signal()

# `old` ceased to be and everything that is open there goes on in `into`.
# Sender Place. old: town.Place (closed, `old.valid_to` is set), into: town.Place (of the same
# level), on: date (the first day without `old`), by: audit.Actor. When it is sent, households and
# residents have moved already. A village that merges sends one event for each of its grids first
# (`into` is then the grid's successor below the other village), and its own last.
place_merged = Signal()

# Some residents live elsewhere now, and both places go on: a grid was split, a household or one
# person moved. Sender Resident. residents: list[int] (primary keys, never empty), old: town.Place,
# into: town.Place, by: audit.Actor.
residents_moved = Signal()

# Sender Duty. duty: town.Duty that ended (`duty.ends_at`, perhaps still to come, is when; one that
# had not begun was deleted, `duty.pk` is None, and its other columns still say what it was),
# to: town.Staff who takes over, by: audit.Actor.
duty_handed_over = Signal()

# A resident's identity was just erased; copies of it elsewhere have to go in the same transaction.
# Sender Resident. resident: town.Resident (same primary key and place, everything else empty,
# `erased_at` set), indexes: list[str] (blind indexes of the numbers that reached this person; a
# landline may still belong to others), by: audit.Actor.
resident_erased = Signal()
