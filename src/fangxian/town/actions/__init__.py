"""Verbs of the town: every change, one function each, checked, atomic and audited."""

from .absences import end_absence, note_absence
from .beginning import Begun, Newcomer, begin_town
from .duties import drop_shift, end_duty, give_duty, hand_over, plan_shifts
from .errors import Refused, WrongPassword
from .households import add_household, edit_household
from .mergers import merge_place, split_place
from .places import add_place, close_place, redate_place, rename_place
from .resident_lists import (
    confirm_residents,
    drop_resident_list,
    hand_in_residents,
    import_resident_list,
    note_rows_taken_out,
    set_resident_columns,
)
from .residents import add_phone, add_resident, edit_resident, erase_resident, remove_phone
from .reveals import RevealReason, reveal
from .second_factor import (
    drop_second_factor,
    enrol_second_factor,
    pass_second_factor,
    renew_recovery_codes,
    reset_second_factor,
)
from .staff import (
    add_department,
    add_staff,
    change_password,
    edit_staff,
    end_session,
    readmit_staff,
    reset_password,
    retire_staff,
    sign_out_everywhere,
    unlock,
)
from .tokens import issue_token, revoke_token

__all__ = [
    "Begun",
    "Newcomer",
    "Refused",
    "RevealReason",
    "WrongPassword",
    "add_department",
    "add_household",
    "add_phone",
    "add_place",
    "add_resident",
    "add_staff",
    "begin_town",
    "change_password",
    "close_place",
    "confirm_residents",
    "drop_resident_list",
    "drop_second_factor",
    "drop_shift",
    "edit_household",
    "edit_resident",
    "edit_staff",
    "end_absence",
    "end_duty",
    "end_session",
    "enrol_second_factor",
    "erase_resident",
    "give_duty",
    "hand_in_residents",
    "hand_over",
    "import_resident_list",
    "issue_token",
    "merge_place",
    "note_absence",
    "note_rows_taken_out",
    "pass_second_factor",
    "plan_shifts",
    "readmit_staff",
    "redate_place",
    "remove_phone",
    "rename_place",
    "renew_recovery_codes",
    "reset_password",
    "reset_second_factor",
    "retire_staff",
    "reveal",
    "revoke_token",
    "set_resident_columns",
    "sign_out_everywhere",
    "split_place",
    "unlock",
]
