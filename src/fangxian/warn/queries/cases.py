"""Reads of the register of cases."""

from __future__ import annotations

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When

from fangxian.warn import models


def told_before(rows: QuerySet[models.Case]) -> QuerySet[models.Case]:
    """`rows` with `told_before`: the resident was spoken to about the warning, and paid later.

    By the day; by the moment where the race to stop the payment knows it. Spoken to on the very day
    of the case, with no moment known, is not counted: nobody can say which came first.
    """
    earlier_day = Q(episode__reached_at__date__lt=F("happened_on"))
    earlier_hour = Q(episode__stop_payment__paid_at__gt=F("episode__reached_at"))
    told = When(earlier_day | earlier_hour, then=Value(True))
    return rows.annotate(told_before=Case(told, default=Value(False), output_field=BooleanField()))
