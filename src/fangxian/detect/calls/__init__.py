"""A telephone call or a chat, turn by turn."""

from .ears import Who
from .hearing import Call, CallReason, CallVerdict, check_turns

__all__ = ["Call", "CallReason", "CallVerdict", "Who", "check_turns"]
