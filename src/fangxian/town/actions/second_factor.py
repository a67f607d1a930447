"""The second factor: a code from an authenticator app, or one of ten recovery codes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit
from ..models import RecoveryCode, Staff
from .errors import Refused, WrongPassword
from .staff import ALPHABET, end_sessions, may_manage, refuse_both_keys

STEP_SECONDS = 30
RECOVERY_CODES = 10


@transaction.atomic
def enrol_second_factor(
    staff: Staff, password: str, secret: str, code: str, session_key: str = ""
) -> list[str]:
    """Keep the secret once a code proves that the app has it. Returns the ten recovery codes.

    `secret` is base32. Sessions begun without the factor end, but for `session_key`. Raises
    WrongPassword; Refused for a wrong code (or a telephone clock that is wrong), and while there
    is another second factor: an open session alone must not replace it.
    """
    if staff.totp_secret:
        raise Refused(_("已经绑定了验证器，请先解除原来的。"))
    _prove(staff, password)
    step = _step_of(secret, code, after=0)
    if step is None:
        raise Refused(_("验证码不对。请核对手机时间是否自动同步，再输入新的验证码。"))
    staff.totp_secret, staff.totp_last_step = secret, step
    staff.save(update_fields=["totp_secret", "totp_last_step"])
    end_sessions(staff, but=session_key)
    audit.record(staff, "second_factor_enrolled", staff)
    return _new_recovery_codes(staff)


@transaction.atomic
def drop_second_factor(staff: Staff, password: str, code: str) -> None:
    """Before another telephone: the present factor, proved by a code, ends. Raises WrongPassword
    for a wrong password or code."""
    _prove(staff, password, code)
    _forget(staff)
    audit.record(staff, "second_factor_dropped", staff)


@transaction.atomic
def renew_recovery_codes(staff: Staff, password: str, code: str) -> list[str]:
    """Ten new recovery codes; the old ones end. Raises WrongPassword for a wrong password or
    code: whoever finds a session open must not leave with ten keys."""
    _prove(staff, password, code)
    audit.record(staff, "recovery_codes_renewed", staff)
    return _new_recovery_codes(staff)


@transaction.atomic
def reset_second_factor(by: audit.Actor, staff: Staff) -> None:
    """For a lost telephone: the next sign-in enrols anew. `by` is not the person concerned."""
    may_manage(by, staff)
    if by == staff:
        raise Refused(_("不能重置自己的第二验证，请另一位管理人员来办。"))
    refuse_both_keys(by, staff, "password_reset")
    _forget(staff)
    end_sessions(staff)
    audit.record(by, "second_factor_reset", staff)


@transaction.atomic
def pass_second_factor(staff: Staff, code: str) -> bool:
    """Whether `code` is right: six digits of the app, each used once, or an unused recovery code."""
    if not staff.totp_secret:
        return False
    typed = "".join(ch for ch in code.lower() if ch.isalnum())
    if typed.isdigit() and len(typed) == 6:
        step = _step_of(staff.totp_secret.clear, typed, staff.totp_last_step)
        # One conditional UPDATE: the same code sent twice at once passes once.
        return step is not None and bool(
            Staff.objects.filter(pk=staff.pk, totp_last_step__lt=step).update(totp_last_step=step)
        )
    used = RecoveryCode.objects.filter(
        staff=staff, digest=_digest(staff, typed), used_at=None
    ).update(used_at=timezone.now())
    if used:
        audit.record(staff, "recovery_code_used", staff)
    return bool(used)


def _prove(staff: Staff, password: str, code: str | None = None) -> None:
    """The password first: a wrong one must not use up a code. Callers count what it raises."""
    if not staff.check_password(password):
        raise WrongPassword(_("密码不对。"))
    if code is not None and not pass_second_factor(staff, code):
        raise WrongPassword(_("验证码不对或已用过。请等下一个验证码出现再输入。"))


def _forget(staff: Staff) -> None:
    staff.totp_secret, staff.totp_last_step = "", 0
    staff.save(update_fields=["totp_secret", "totp_last_step"])
    staff.recovery_codes.all().delete()


def _step_of(secret: str, code: str, after: int) -> int | None:
    """The time step at which `code` is right, one step of clock error either way; later than
    `after`, so that a code seen over the shoulder cannot be used again."""
    totp, now = pyotp.TOTP(secret, interval=STEP_SECONDS), int(time.time()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _new_recovery_codes(staff: Staff) -> list[str]:
    staff.recovery_codes.all().delete()
    codes = ["".join(secrets.choice(ALPHABET) for _i in range(12)) for _n in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(staff=staff, digest=_digest(staff, code)) for code in codes
    )
    return [f"{c[:4]}-{c[4:8]}-{c[8:]}" for c in codes]


def _digest(staff: Staff, code: str) -> str:
    """Keyed and bound to the person; 59 random bits a code need no slow hash."""
    return hmac.new(
        settings.KEYS.index, f"recovery|{staff.pk}|{code}".encode(), hashlib.sha256
    ).hexdigest()
