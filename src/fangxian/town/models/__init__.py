"""Nouns of the town, one file per concern."""

from .duties import Absence, Department, Duty, Role, Shift, Staff
from .people import Document, Phone, Resident, ResidentList, Tag
from .places import DIGITS, Household, Level, Place, prefix_of
from .trust import (
    ApiToken,
    AuditEntry,
    AuditHead,
    Deletion,
    Once,
    RecoveryCode,
    SignIn,
    WorkerBeat,
)

__all__ = [
    "DIGITS",
    "Absence",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Deletion",
    "Department",
    "Document",
    "Duty",
    "Household",
    "Level",
    "Once",
    "Phone",
    "Place",
    "RecoveryCode",
    "Resident",
    "ResidentList",
    "Role",
    "Shift",
    "SignIn",
    "Staff",
    "Tag",
    "WorkerBeat",
    "prefix_of",
]
