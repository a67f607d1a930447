"""Every part of the design system on one page, for whoever writes a page and whoever checks one."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.town.access import public


class SampleForm(forms.Form):
    """One field of each kind; the phone is wrong on purpose."""

    name = forms.CharField(label=_l("姓名"))
    phone = forms.CharField(label=_l("电话"), help_text=_l("11 位手机号，或带区号的座机"))
    kind = forms.ChoiceField(
        label=_l("类型"), choices=[("1", _l("电话劝阻")), ("2", _l("上门劝阻"))]
    )
    note = forms.CharField(label=_l("备注"), required=False, widget=forms.Textarea({"rows": 2}))
    agreed = forms.BooleanField(label=_l("本人同意"), required=False)

    def clean_phone(self) -> str:
        raise forms.ValidationError(_("138001 只有 6 位，应为 11 位手机号或带区号的座机"))


def _chart() -> dict[str, object]:
    """An option as ECharts takes it: plain data, no functions."""
    return {
        "tooltip": {},
        "xAxis": {"type": "category", "data": ["7", "8", "9", "10", "11"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [12, 9, 11, 6, 7], "itemStyle": {"color": "#0b5f6d"}}],
    }


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """In a demo or a test; a town at work has no such page."""
    if settings.MODE == "production":
        raise Http404
    now = timezone.now()
    form = SampleForm({"name": "赵小满", "phone": "138001", "kind": "1"})
    return render(
        request, "gallery.html",
        {
            "form": form, "chart": _chart(), "bars": [("7", 12), ("8", 9), ("9", 11), ("10", 6), ("11", 7)],
            "page": Paginator(range(60), 20).page(2),
            "soon": now + timedelta(minutes=4, seconds=30), "late": now - timedelta(minutes=12),
            "rows": [(1, "王*英", "海兰1号网格"), (2, "李*国", "海兰2号网格"), (3, "张*", "海兰3号网格"),
                     (4, "刘*", "青石1号网格")],
        },
    )  # fmt: skip
