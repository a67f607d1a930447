"""The town's own lines of the retention table."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from . import audit
from .models import Absence, AuditEntry, Deletion, Once, ResidentList, Shift, SignIn
from .retention import rule


def _delete(rows: QuerySet) -> int:  # type: ignore[type-arg]
    return int(rows.delete()[0])


def _prune(rows: QuerySet[AuditEntry]) -> int:
    """Only from the front of the chain, so that what is kept still proves itself."""
    newest = rows.aggregate(at=Max("at"))["at"]
    return audit.prune(newest + timedelta(microseconds=1), most=rows.count()) if newest else 0


def _blank_reasons(rows: QuerySet[Absence]) -> int:
    return rows.update(reason="")


MONTH, YEAR = timedelta(days=30), timedelta(days=365)
_DELETE, _NO_NEED = _("删除"), _("管理需要，到期不再保留")

rule(
    "audit",
    _("审计日志"),
    YEAR,
    _DELETE,
    _("网络安全法要求至少 6 个月，本系统保留 12 个月"),
    due=audit.prunable,
    end=_prune,
)
rule(
    "sign_ins",
    _("登录会话记录"),
    MONTH,
    _DELETE,
    _NO_NEED,
    due=lambda before: SignIn.objects.filter(seen_at__lt=before),
    end=_delete,
)
rule(
    "sessions",
    _("已过期的会话"),
    timedelta(days=1),
    _DELETE,
    _NO_NEED,
    due=lambda before: Session.objects.filter(expire_date__lt=before),
    end=_delete,
)
rule(
    "attempts",
    _("登录失败记录"),
    MONTH,
    _DELETE,
    _NO_NEED,
    due=lambda before: AccessAttempt.objects.filter(attempt_time__lt=before),
    end=_delete,
)
rule(
    "resident_lists",
    _("交来的居民名册原件"),
    timedelta(days=1),
    _DELETE,
    _("导入后不再需要"),
    due=lambda before: ResidentList.objects.filter(made_at__lt=before),
    end=_delete,
)
rule(
    "absence_reasons",
    _("请假事由"),
    YEAR,
    _("清空事由"),
    _("可能涉及健康信息"),
    due=lambda before: Absence.objects.filter(ends_at__lt=before).exclude(reason=""),
    end=_blank_reasons,
)
rule(
    "shifts",
    _("值班班次"),
    2 * YEAR,
    _DELETE,
    _NO_NEED,
    due=lambda before: Shift.objects.filter(ends_at__lt=before),
    end=_delete,
)
rule(
    "once",
    _("接口去重键"),
    MONTH,
    _DELETE,
    _("只为防止重复提交"),
    due=lambda before: Once.objects.filter(at__lt=before),
    end=_delete,
)
rule(
    "deletions",
    _("删除记录本身"),
    3 * YEAR,
    _DELETE,
    _("影响评估记录保存 3 年"),
    due=lambda before: Deletion.objects.filter(at__lt=before),
    end=_delete,
)
