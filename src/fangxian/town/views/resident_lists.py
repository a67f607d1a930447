"""Pages of registers of residents: hand in, look, correct the columns, import."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.exchange.problems import language_of
from fangxian.exchange.tables import MAX_BYTES, UnreadableTable
from fangxian.exchange.writing import CONTENT_TYPE, write_with_columns_added
from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, needs
from fangxian.town.models import Place, ResidentList, Staff, Tag
from fangxian.town.queries.gaps import full_name
from fangxian.town.queries.resident_lists import Column, ResidentRow, read_residents, table_of
from fangxian.town.sealed import MASKS, Mask

from .fields import PlaceField
from .residents import homes

ROWS_A_PAGE = 50
BECOMES = {
    "new": _l("新登记"),
    "known": _l("已登记，跳过"),
    "unclear": _l("要核对，不登记"),
    "refused": _l("不能用"),
}


class ListForm(forms.Form):
    place = PlaceField(
        label=_l("名册属于"),
        queryset=Place.objects.none(),
        help_text=_l("名册里没写村社区的行，就登记在这里。"),
    )
    file = forms.FileField(
        label=_l("名册文件"),
        required=False,
        help_text=_l("xlsx 或 csv。至少要有姓名；有电话、住址、出生年份、标签更好。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    pasted = forms.CharField(
        label=_l("或者把表格粘贴在这里"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, by: Staff, **kw: Any) -> None:
        super().__init__(*args, **kw)
        place: Any = self.fields["place"]
        place.queryset = homes(by)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if not file and not (data.get("pasted") or "").strip() and not self.errors:
            raise forms.ValidationError(_("请选择一个文件，或把表格粘贴到下面的框里。"))
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(_("文件太大，请分成几份导入。"))
        return data


@needs(Ability.EDIT_RESIDENTS)
def resident_lists(request: StaffRequest) -> HttpResponse:
    """Hand in a register; below it, one's own of the last day."""
    form = ListForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read() if file else form.cleaned_data["pasted"].encode()
        try:
            handed = actions.hand_in_residents(
                request.user, form.cleaned_data["place"], file.name if file else "", data
            )
        except UnreadableTable as error:
            form.add_error("file" if file else "pasted", error.say(_language()))
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("town:resident_list", handed.pk)
    own = ResidentList.objects.filter(by=request.user).select_related("place").defer("content")
    return render(request, "town/resident_lists.html", {"form": form, "lists": own})


@needs(Ability.EDIT_RESIDENTS)
def resident_list(request: StaffRequest, pk: int) -> HttpResponse:
    """What importing would do, row by row; POST corrects the columns."""
    handed = _own(request, pk)
    if handed.confirmed_at or handed.done_at:
        return render(request, "town/resident_list_done.html", {"list": handed})
    table = table_of(handed)
    if request.method == "POST":
        chosen = {key: request.POST.get(f"column{i}", "") for i, key in enumerate(table.keys)}
        try:
            actions.set_resident_columns(request.user, handed, chosen)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        return redirect("town:resident_list", pk)
    rows = read_residents(table, handed.columns, request.user, handed.place, timezone.localdate())
    counts = Counter(row.becomes for row in rows)
    show = request.GET.get("show", "")
    shown = [row for row in rows if show in ("", row.becomes)]
    page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "list": handed,
        "page": page,
        "rows": [_masked(row) for row in page],
        "total": len(rows),
        "counts": counts,
        "tabs": [(key, words, counts[key]) for key, words in BECOMES.items()],
        "show": show,
        "warnings": [w.say(_language()) for w in table.warnings],
        "columns": [
            (i, key, handed.columns.get(key, ""), _samples(table.samples(i), handed.columns[key]))
            for i, key in enumerate(table.keys)
        ],
        "choices": Column.choices,
        "named": Column.NAME in handed.columns.values(),
    }
    return render(request, "town/resident_list.html", context)


@needs(Ability.EDIT_RESIDENTS)
@require_POST
def resident_list_import(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.confirm_residents(request.user, _own(request, pk))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:resident_list", pk)


@needs(Ability.EDIT_RESIDENTS)
def resident_list_progress(request: StaffRequest, pk: int) -> HttpResponse:
    """How far the import came: a fragment that the page asks for every second."""
    return render(request, "town/_resident_list_progress.html", {"list": _own(request, pk)})


@needs(Ability.EDIT_RESIDENTS)
@require_POST
def resident_list_drop(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.drop_resident_list(request.user, _own(request, pk))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:resident_lists")


@needs(Ability.EDIT_RESIDENTS)
def resident_list_refused(request: StaffRequest, pk: int) -> HttpResponse:
    """The rows that are not registered (unusable or unclear), as they came, with the reason."""
    handed = _own(request, pk)
    if handed.confirmed_at:
        messages.error(request, _("名册原件在导入后已删除。请重新交一次：已登记的会跳过。"))
        return redirect("town:resident_lists")
    table = table_of(handed)
    rows = read_residents(table, handed.columns, request.user, handed.place, timezone.localdate())
    bad = [i for i, row in enumerate(rows) if row.becomes in ("refused", "unclear")]
    actions.note_rows_taken_out(request.user, handed, len(bad))
    part = replace(
        table,
        rows=[table.rows[i] for i in bad],
        row_numbers=[table.row_numbers[i] for i in bad],
    )
    reasons = [_("；").join(rows[i].problems or rows[i].remarks) for i in bad]
    answer = HttpResponse(
        write_with_columns_added(part, {_("原因"): reasons}, "xlsx"),
        content_type=CONTENT_TYPE["xlsx"],
    )
    answer["Content-Disposition"] = f'attachment; filename="residents-refused-{pk}.xlsx"'
    return answer


def _own(request: StaffRequest, pk: int) -> ResidentList:
    rows = ResidentList.objects.filter(by=request.user).select_related("place", "by")
    return get_object_or_404(rows, pk=pk)


def _language() -> Any:
    return language_of(get_language() or "zh")


def _masked(row: ResidentRow) -> dict[str, Any]:
    """A row as the preview shows it."""
    return {
        "number": row.number,
        "becomes": row.becomes,
        "label": BECOMES[row.becomes],
        "problems": row.problems,
        "remarks": row.remarks,
        "name": MASKS["name"](row.name),
        "phones": [MASKS["phone"](p) for p in row.phones],
        "birth_year": row.birth_year,
        "place": full_name(row.place) if row.place else "",
        "address": MASKS["address"](row.address),
        "tags": [Tag(t).label for t in row.tags],
    }


_MASK_OF: dict[str, Mask] = {
    Column.NAME: "name",
    Column.PHONE: "phone",
    Column.ID_NUMBER: "id",
    Column.ADDRESS: "address",
}


def _samples(texts: list[str], column: str) -> list[str]:
    """Examples of a column, masked like every personal value on a screen.

    Of a column that nobody has named yet only a beginning is shown: it may be anything.
    """
    if not column:
        return [text[:2] + "…" for text in texts]
    return [MASKS[_MASK_OF.get(column, "none")](text) for text in texts]


urlpatterns: list[URLPattern] = [
    path("residents/lists/", resident_lists, name="resident_lists"),
    path("residents/lists/<int:pk>/", resident_list, name="resident_list"),
    path("residents/lists/<int:pk>/import/", resident_list_import, name="resident_list_import"),
    path(
        "residents/lists/<int:pk>/progress/", resident_list_progress, name="resident_list_progress"
    ),
    path("residents/lists/<int:pk>/drop/", resident_list_drop, name="resident_list_drop"),
    path("residents/lists/<int:pk>/refused/", resident_list_refused, name="resident_list_refused"),
]
