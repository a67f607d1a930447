"""Nouns of the first line, one file per concern."""

from .cases import Case
from .episodes import Contact, Episode, Escalation, Grade, Note, Stage, Task
from .intake import Basis, Batch, RefusedRow, RowDone, Sender, Signal
from .rules import ClockRule, DayOff, Delivery, WallLink, Webhook, WorkingHours
from .work import (
    Call,
    CallOutcome,
    FollowUp,
    Message,
    Review,
    StopPayment,
    Visit,
    VisitOutcome,
)

__all__ = [
    "Basis",
    "Batch",
    "Call",
    "CallOutcome",
    "Case",
    "ClockRule",
    "Contact",
    "DayOff",
    "Delivery",
    "Episode",
    "Escalation",
    "FollowUp",
    "Grade",
    "Message",
    "Note",
    "RefusedRow",
    "Review",
    "RowDone",
    "Sender",
    "Signal",
    "Stage",
    "StopPayment",
    "Task",
    "Visit",
    "VisitOutcome",
    "WallLink",
    "Webhook",
    "WorkingHours",
]
