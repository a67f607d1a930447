"""Cues: the words by which a text shows what it is about, who it claims to come from, what it wants.

They explain; they do not judge. How much a cue counts in a text is what the model gave the words
there, so a reason never claims more than was counted.
"""

from .book import Cue, Hit, cues_in

__all__ = ["Cue", "Hit", "cues_in"]
