"""The first line's own lines of the retention table. Periods: domain.md §4."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town import audit
from fangxian.town.actions import erase_resident
from fangxian.town.models import Resident
from fangxian.town.retention import rule

from .actions.forgetting import forget_file, forget_words, something_told
from .actions.intake import UNCONFIRMED_LASTS
from .models import Batch, Case, Delivery, Episode, RefusedRow, RowDone, Visit

RESOLVED_LASTS = timedelta(days=90)
VISIT_NOTES_LAST = timedelta(days=365)
DELIVERIES_LAST = timedelta(days=90)


def _told(before: datetime) -> QuerySet[Episode]:
    closed = Episode.objects.filter(state=Episode.State.CLOSED, closed_at__lt=before)
    return closed.filter(something_told())


def _forget_words(rows: QuerySet[Episode]) -> int:
    episodes = list(rows.values_list("pk", flat=True))
    forget_words(episodes)
    return len(episodes)


def _visits(before: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(at__lt=before).exclude(notes=b"")


def _not_over(before: datetime) -> Q:
    """Episodes that are open, or closed less than the period ago."""
    return ~Q(state=Episode.State.CLOSED) | Q(closed_at__gte=before)


def _lists(before: datetime) -> QuerySet[Batch]:
    """Lists of which nobody's warning is open any more, with anything left of the file."""
    over = Batch.objects.filter(state__in=(Batch.State.DONE, Batch.State.CANCELLED))
    episodes = RowDone.objects.filter(batch=OuterRef("pk"))
    running = episodes.exclude(
        signal__episode__state=Episode.State.CLOSED, signal__episode__closed_at__lt=before
    )
    refused = RefusedRow.objects.filter(batch=OuterRef("pk"))
    left = ~Q(content=b"", preview=b"", filename=b"") | Q(Exists(refused))
    return over.filter(left, ~Exists(running), finished_at__lt=before)


def _unconfirmed(before: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(state=Batch.State.PREVIEW, created_at__lt=before)


def _give_up(rows: QuerySet[Batch]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    lists = Batch.objects.filter(pk__in=keys)
    lists.update(state=Batch.State.CANCELLED, finished_at=timezone.now())
    return forget_file(lists)


def _only_warned(before: datetime) -> QuerySet[Resident]:
    """Persons known from nothing but warnings that are long over.

    Whoever was found, or registered, is on the register and counted among those who live here;
    whoever stands in a case is known from that, too.
    """
    own = Episode.objects.filter(resident=OuterRef("pk"))
    cases = Case.objects.filter(resident=OuterRef("pk"), withdrawn_at=None)
    unknown = Resident.objects.filter(found=False, household=None, erased_at=None)
    return unknown.filter(Exists(own), ~Exists(own.filter(_not_over(before))), ~Exists(cases))


def _erase(rows: QuerySet[Resident]) -> int:
    residents = list(rows)
    for resident in residents:
        erase_resident(audit.SYSTEM, resident)
    return len(residents)


_NO_NEED = _("预警已办结，不再需要")

# Lists go before persons: a list that is deleted whole needs no row of it blacked out.
rule(
    "lists",
    _("交来的预警名单原件和退回的行"),
    RESOLVED_LASTS,
    _("删除，条数和结果保留"),
    _("名单里的人都已办结，不再需要"),
    due=_lists,
    end=forget_file,
)
rule(
    "unconfirmed_lists",
    _("没有确认的预警名单"),
    UNCONFIRMED_LASTS,
    _("放弃并删除原件"),
    _("没有导入，不再需要"),
    due=_unconfirmed,
    end=_give_up,
)
rule(
    "warned_persons",
    _("只在已办结的预警里出现过的人"),
    RESOLVED_LASTS,
    _("姓名、号码、住址换成化名"),
    _NO_NEED,
    due=_only_warned,
    end=_erase,
)
rule(
    "warning_words",
    _("已办结警情的预警说明、可疑号码、通话和回访记录里的文字"),
    RESOLVED_LASTS,
    _("清空文字，结果和时间保留"),
    _NO_NEED,
    due=_told,
    end=_forget_words,
)
rule(
    "visit_notes",
    _("上门记录里的文字"),
    VISIT_NOTES_LAST,
    _("清空文字，结果和时间保留"),
    _("走访记录保存 12 个月"),
    due=_visits,
    end=lambda rows: rows.update(notes=""),
)
rule(
    "deliveries",
    _("已送达的回调"),
    DELIVERIES_LAST,
    _("删除"),
    _("管理需要，到期不再保留"),
    due=lambda before: Delivery.objects.filter(delivered_at__lt=before),
    end=lambda rows: int(rows.delete()[0]),
)
