"""Accounts: made, changed, locked out, unlocked, retired."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit, tries
from ..access import Ability, access_of, check
from ..models import AuditEntry, Department, Duty, SignIn, Staff
from .errors import Refused, WrongPassword

# No letters or digits that are mistaken for one another when read aloud or written down.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# How long password and second factor of one account are not reset by the same person.
BOTH_KEYS_APART = timedelta(days=7)
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}$")


@transaction.atomic
def add_staff(
    by: audit.Actor,
    username: str,
    name: str,
    *,
    badge: str = "",
    department: Department | None = None,
    work_phone: str = "",
) -> tuple[Staff, str]:
    """Make an account without any duty. Returns it and its first password, to be told in person.

    The password must be changed at the first sign-in. `work_phone` is E.164. Raises Refused for a
    username that is taken or is not 2-40 lower-case letters, digits, dots, hyphens.
    """
    check(by, Ability.EDIT_STAFF)
    username = username.strip().lower()
    if not _USERNAME.match(username):
        raise Refused(_("账号应为 2-40 位小写字母、数字、点、连字符或下划线。"))
    if Staff.objects.filter(username=username).exists():
        raise Refused(_("账号“%(username)s”已有人使用。") % {"username": username})
    if not name.strip():
        raise Refused(_("姓名不能空着。"))
    password = first_password()
    staff = Staff.objects.create_user(
        username,
        password,
        name=name.strip()[:40],
        badge=badge.strip()[:20],
        department=department,
        work_phone=work_phone,
        must_change_password=True,
    )
    audit.record(by, "staff_added", staff)
    return staff, password


@transaction.atomic
def edit_staff(by: audit.Actor, staff: Staff, **changes: Any) -> Staff:
    """Change name, badge, department or work_phone."""
    may_manage(by, staff)
    if unknown := set(changes) - {"name", "badge", "department", "work_phone"}:
        raise TypeError(f"edit_staff cannot change {sorted(unknown)}")
    if "name" in changes and not changes["name"].strip():
        raise Refused(_("姓名不能空着。"))
    for field, value in changes.items():
        setattr(staff, field, value)
    staff.save(update_fields=list(changes))
    audit.record(by, "staff_edited", staff, fields=sorted(changes))
    return staff


@transaction.atomic
def retire_staff(by: audit.Actor, staff: Staff) -> None:
    """Close an account: its duties end now, its sessions, too. What it did stays on record."""
    may_manage(by, staff)
    if by == staff:
        raise Refused(_("不能停用自己的账号，请另一位管理人员来办。"))
    audit.hold()
    now = timezone.now()
    left = Duty.objects.filter(staff=staff).exclude(ends_at__lte=now)
    audit.record_all(
        by,
        [
            audit.Entry("staff_retired", staff, {}),
            *(audit.Entry("duty_ended", duty, {"staff": staff.pk, "at": now}) for duty in left),
        ],
    )
    left.filter(starts_at__gte=now).delete()
    left.update(ends_at=now)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    end_sessions(staff)


@transaction.atomic
def readmit_staff(by: audit.Actor, staff: Staff) -> None:
    """Open a closed account again; its duties must be given anew."""
    may_manage(by, staff)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    audit.record(by, "staff_readmitted", staff)


@transaction.atomic
def reset_password(by: audit.Actor, staff: Staff) -> str:
    """A new first password, to be told in person and changed at the next sign-in."""
    may_manage(by, staff)
    refuse_both_keys(by, staff, "second_factor_reset")
    password = first_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    tries.forget(staff.username)
    end_sessions(staff)
    audit.record(by, "password_reset", staff)
    return password


@transaction.atomic
def change_password(staff: Staff, old: str, new: str, session_key: str = "") -> None:
    """One's own password; all sessions but `session_key` end. Raises WrongPassword,
    or Refused with every reason why the new one will not do."""
    if not staff.check_password(old):
        raise WrongPassword(_("原密码不对。"))
    if old == new:
        raise Refused(_("新密码不能与原密码相同。"))
    try:
        validate_password(new, staff)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    staff.set_password(new)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])
    end_sessions(staff, but=session_key)
    audit.record(staff, "password_changed", staff)


@transaction.atomic
def unlock(by: audit.Actor, staff: Staff) -> None:
    """End a lock-out before its time."""
    may_manage(by, staff)
    tries.forget(staff.username)
    audit.record(by, "unlocked", staff)


@transaction.atomic
def sign_out_everywhere(by: audit.Actor, staff: Staff, but: str = "") -> int:
    """End all sessions of `staff` but the one with the key `but`. Returns how many ended."""
    if by != staff:
        may_manage(by, staff)
    ended = end_sessions(staff, but)
    audit.record(by, "signed_out_everywhere", staff, sessions=ended)
    return ended


@transaction.atomic
def end_session(by: audit.Actor, sign_in: SignIn) -> None:
    """End one session."""
    if by != sign_in.staff:
        may_manage(by, sign_in.staff)
    Session.objects.filter(session_key=sign_in.session_key).delete()
    audit.record(by, "session_ended", sign_in.staff)
    sign_in.delete()


@transaction.atomic
def add_department(by: audit.Actor, name: str, kind: str) -> Department:
    """Make a body: an office of the town hall, a police station, a village committee."""
    check(by, Ability.EDIT_STAFF)
    name = name.strip()
    if not name or kind not in Department.Kind.values:
        raise Refused(_("请填写名称并选择类别。"))
    if Department.objects.filter(name=name).exists():
        raise Refused(_("“%(name)s”已经有了。") % {"name": name})
    department = Department.objects.create(name=name[:60], kind=kind)
    audit.record(by, "department_added", department)
    return department


def first_password() -> str:
    """Sixteen random characters in four groups (79 bits), easy to read aloud."""
    groups = ("".join(secrets.choice(ALPHABET) for _i in range(4)) for _g in range(4))
    return "-".join(groups)


def may_manage(by: audit.Actor, staff: Staff) -> None:
    """EDIT_STAFF wherever `staff` has a duty now or later; anywhere for those without duties."""
    if isinstance(by, str):
        check(by, Ability.EDIT_STAFF)
        return
    access = access_of(by)
    access.check(Ability.EDIT_STAFF)
    codes = staff.duties.exclude(ends_at__lte=timezone.now()).values_list("place__code", flat=True)
    if not all(access.may(Ability.EDIT_STAFF, code) for code in codes):
        raise PermissionDenied(Ability.EDIT_STAFF)


def refuse_both_keys(by: audit.Actor, staff: Staff, other: str) -> None:
    """Part of the two resets: who did the `other` one within a week does not do this one.

    With a new password and no second factor one is whoever one likes, the auditor for instance
    (等保 2.0: separated administrators); so it takes two people. The chain knows who did what.
    """
    audit.hold()
    if not isinstance(by, Staff):
        return
    did = AuditEntry.objects.filter(
        verb=other,
        thing="staff",
        thing_id=str(staff.pk),
        actor=audit.name_of(by),
        at__gt=timezone.now() - BOTH_KEYS_APART,
    )
    if did.exists():
        raise Refused(
            _(
                "同一个账号的密码和验证器，%(days)d 天内须由两位不同的安全管理员重置；另一项请同事来办。"
            )
            % {"days": BOTH_KEYS_APART.days}
        )


def end_sessions(staff: Staff, but: str = "") -> int:
    """Part of other actions: end all sessions but one. Returns how many."""
    rows = SignIn.objects.filter(staff=staff).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)
