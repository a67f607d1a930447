"""Pages of the intake: hand in a list, see what it would do, correct its columns, confirm, watch."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.detect.kinds import kind_choices, kind_name
from fangxian.exchange.columns import field_choices
from fangxian.exchange.phones import parse_phones
from fangxian.exchange.problems import Problem, language_of
from fangxian.exchange.tables import MAX_BYTES, UnreadableTable
from fangxian.exchange.writing import CONTENT_TYPE, Format, write_bad_rows
from fangxian.town.access import Ability, needs, visible_places
from fangxian.town.models import Place, Staff
from fangxian.warn.actions import intake as actions
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.signals import NewSignal
from fangxian.warn.models import Batch, Grade, RefusedRow, Sender
from fangxian.warn.queries.intake import BECOMES, Preview, column_examples, number_of
from fangxian.warn.queries.visible import visible_batches

ROWS_A_PAGE = 50


class Request(HttpRequest):
    """A request of a member of staff: `@needs` let no other in."""

    user: Staff


class SenderField(forms.CharField):
    """A sender by name; a new name makes a new sender."""

    def __init__(self) -> None:
        super().__init__(
            label=_l("来文单位"),
            max_length=60,
            help_text=_l("例如：县反诈中心。记住它的列对应关系。"),
        )
        self.widget.attrs.update({"list": "senders", "autocomplete": "off"})


class ListForm(forms.Form):
    """A file, or a pasted table."""

    sender = SenderField()
    file = forms.FileField(
        label=_l("名单文件"),
        required=False,
        help_text=_l("xlsx 或 csv，最大 20 MB。县里发来是什么样就传什么样，不用整理。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    pasted = forms.CharField(
        label=_l("或者把表格粘贴在这里"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if not file and not pasted and not self.errors:
            raise forms.ValidationError(_("请选择一个文件，或把表格粘贴到下面的框里。"))
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("文件有 %(size)d MB，最大 20 MB。请分成几份上传。") % {"size": file.size // 2**20}
            )
        return data


class OneForm(forms.Form):
    """One warning by hand: the phone is enough."""

    sender = SenderField()
    phone = forms.CharField(label=_l("居民电话"), max_length=80)
    name = forms.CharField(label=_l("姓名"), max_length=40, required=False)
    place = forms.ModelChoiceField(label=_l("所在村社区"), queryset=Place.objects.none())
    kind = forms.ChoiceField(label=_l("骗局类型"))
    grade = forms.TypedChoiceField(
        label=_l("等级"), choices=Grade.choices, coerce=int, initial=Grade.YELLOW
    )
    risk_number = forms.CharField(label=_l("可疑号码"), max_length=40, required=False)
    reference = forms.CharField(label=_l("来文编号"), max_length=80, required=False)
    note = forms.CharField(
        label=_l("备注"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = visible_places(by, Ability.TAKE_IN).filter(level__in=("village", "town"))
        choice: Any = self.fields["place"]
        choice.queryset = places.order_by("code")
        kind: Any = self.fields["kind"]
        kind.choices = kind_choices(get_language() or "zh")
        kind.initial = "other"

    def clean_phone(self) -> tuple[str, ...]:
        label = str(self.fields["phone"].label)
        parsed = parse_phones(self.cleaned_data["phone"], settings.DEFAULT_AREA_CODE, label)
        if not parsed.phones:
            language = language_of(get_language() or "zh")
            raise forms.ValidationError([p.say(language) for p in parsed.problems])
        return tuple(p.e164 for p in parsed.phones)

    def signal(self) -> NewSignal:
        data = self.cleaned_data
        return NewSignal(
            place=data["place"],
            phones=data["phone"],
            name=data["name"].strip(),
            kind=data["kind"],
            grade=Grade(data["grade"]),
            reference=data["reference"].strip(),
            risk_number=number_of(data["risk_number"]) or data["risk_number"].strip(),
            note=data["note"].strip(),
        )


@needs(Ability.TAKE_IN)
def intake(request: Request) -> HttpResponse:
    """Hand in a list; below it, the lists handed in before."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read() if file else form.cleaned_data["pasted"].encode()
        try:
            sender = actions.add_sender(request.user, form.cleaned_data["sender"])
            batch, new = actions.hand_in(request.user, sender, file.name if file else "", data)
        except UnreadableTable as error:
            form.add_error("file" if file else "pasted", error.say(_language()))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            if not new:
                messages.info(request, _("这份名单交过了，没有重复导入。下面是当时的结果。"))
            return redirect("warn:batch", batch.pk)
    batches = Paginator(visible_batches(request.user), 20).get_page(request.GET.get("page"))
    context = {"form": form, "batches": batches, "senders": _senders()}
    return render(request, "warn/intake.html", context, status=422 if form.errors else 200)


@needs(Ability.TAKE_IN)
def one(request: Request) -> HttpResponse:
    """Type in one warning."""
    form = OneForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        sender = actions.add_sender(request.user, form.cleaned_data["sender"])
        taken = actions.take_in_one(request.user, sender, form.signal())
        said = {
            "new": _("已建立警情，并派给值班民警。"),
            "merged": _("这位居民已有未办结的警情，已并入。"),
            "reopened": _("已重新打开前几天的警情。"),
            "known_before": _("这条预警录入过了，没有重复。"),
        }
        messages.success(request, said[taken.became])
        return redirect("warn:episode", taken.signal.episode_id)
    context = {"form": form, "senders": _senders()}
    return render(request, "warn/intake_one.html", context, status=422 if form.errors else 200)


@needs(Ability.TAKE_IN)
def batch(request: Request, pk: int) -> HttpResponse:
    """One list: before confirmation what it would do, then its progress and result."""
    found = get_object_or_404(visible_batches(request.user), pk=pk)
    if found.state != Batch.State.PREVIEW:
        return render(request, "warn/intake_result.html", _result(found))
    preview = Preview.load(found.preview.clear)
    wanted = request.GET.get("show", "")
    rows = [r for r in preview.rows if not wanted or r["becomes"] == wanted]
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        _say(row)
    labels = becomes_labels()
    context = {
        "batch": found,
        "page": page,
        "show": wanted,
        "tabs": [(b, labels[b], preview.counts.get(b, 0)) for b in BECOMES],
        "usable": sum(n for b, n in preview.counts.items() if b != "refused"),
        "refused": preview.counts.get("refused", 0),
        "warnings": [Problem.from_json(w).say(_language()) for w in preview.warnings],
        "unsure": not preview.counts,
    }
    return render(request, "warn/intake_preview.html", context)


@needs(Ability.TAKE_IN)
def columns(request: Request, pk: int) -> HttpResponse:
    """Correct which column is what."""
    found = get_object_or_404(visible_batches(request.user), pk=pk, state=Batch.State.PREVIEW)
    table = actions.table_of(found)
    if request.method == "POST":
        chosen = {key: request.POST.get(f"c{i}", "") for i, key in enumerate(table.keys)}
        actions.set_columns(found, request.user, chosen)
        messages.success(request, _("列对应关系已更正，下次这家单位的名单会照此处理。"))
        return redirect("warn:batch", pk)
    rows = column_examples(table, found.columns)
    for i, row in enumerate(rows):
        row["samples"] = table.samples(i)
    context = {"batch": found, "rows": rows, "choices": field_choices(_language())}
    return render(request, "warn/intake_columns.html", context)


@require_POST
@needs(Ability.TAKE_IN)
def confirm(request: Request, pk: int) -> HttpResponse:
    """Import it."""
    found = get_object_or_404(visible_batches(request.user), pk=pk)
    try:
        actions.confirm(found, request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("warn:batch", pk)


@require_POST
@needs(Ability.TAKE_IN)
def cancel(request: Request, pk: int) -> HttpResponse:
    """Put it away."""
    found = get_object_or_404(visible_batches(request.user), pk=pk)
    try:
        actions.cancel(found, request.user)
        messages.info(request, _("名单已放弃，文件已删除。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("warn:intake")


@needs(Ability.TAKE_IN)
def progress(request: Request, pk: int) -> HttpResponse:
    """How far the import came: a fragment the result page asks for every second."""
    found = get_object_or_404(visible_batches(request.user), pk=pk)
    return render(request, "warn/intake_progress.html", _result(found))


@needs(Ability.TAKE_IN)
def refused_file(request: Request, pk: int) -> HttpResponse:
    """The rows that cannot be used, in the sender's own columns, with the reason."""
    found = get_object_or_404(
        visible_batches(request.user).exclude(state=Batch.State.CANCELLED), pk=pk
    )
    if found.state == Batch.State.PREVIEW:
        rows = Preview.load(found.preview.clear).rows
        wrong = {r["row"]: [Problem.from_json(p) for p in r["problems"]] for r in rows}
    else:
        wrong = _refused(found)
    wrong = {row: problems for row, problems in wrong.items() if problems}
    form: Format = "csv" if request.GET.get("as") == "csv" else "xlsx"
    data = write_bad_rows(actions.table_of(found), wrong, _language(), form)
    actions.note_export(request.user, found, len(wrong))
    answer = HttpResponse(data, content_type=CONTENT_TYPE[form])
    answer["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.{form}"'
    return answer


@needs(Ability.TAKE_IN)
def senders(request: Request) -> HttpResponse:
    """Who sends lists, and which columns are remembered; they can be forgotten."""
    if request.method == "POST":
        sender = get_object_or_404(Sender, pk=_number(request.POST.get("sender", "")))
        actions.forget_columns(request.user, sender)
        messages.success(request, _("已忘记“%(name)s”的列对应关系。") % {"name": sender.name})
        return redirect("warn:senders")
    labels = dict(field_choices(_language()))
    rows = [
        (s, [(key, labels.get(value, "")) for key, value in s.columns.items() if value])
        for s in Sender.objects.all()
    ]
    return render(request, "warn/intake_senders.html", {"rows": rows})


def becomes_labels() -> dict[str, str]:
    """What can become of a row, for people."""
    return {
        "new": _("建立新警情"),
        "unknown": _("名册里没有，先查找此人"),
        "merged": _("并入已有警情"),
        "known_before": _("以前导入过，不变"),
        "refused": _("不能用，退回"),
    }


def _say(row: dict[str, Any]) -> None:
    language = _language()
    row["kind_name"] = kind_name(row["kind"]).of(language)
    row["grade_value"] = Grade[row["grade"].upper()]
    row["becomes_label"] = becomes_labels()[row["becomes"]]
    row["said"] = [Problem.from_json(p).say(language) for p in row["problems"]]
    row["noted"] = [Problem.from_json(p).say(language) for p in row["remarks"]]


def _result(found: Batch) -> dict[str, Any]:
    running = found.state in (Batch.State.QUEUED, Batch.State.RUNNING)
    refused = ngettext("%(n)d 行不能用", "%(n)d 行不能用", found.refused) % {"n": found.refused}
    return {"batch": found, "running": running, "refused_words": refused}


def _refused(found: Batch) -> dict[int, list[Problem]]:
    rows = RefusedRow.objects.filter(batch=found)
    return {r.row: [Problem.from_json(p) for p in json.loads(r.problems.clear)] for r in rows}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _senders() -> list[str]:
    return list(Sender.objects.filter(is_active=True).values_list("name", flat=True))


def _language() -> Any:
    return language_of(get_language() or "zh")


urlpatterns: list[URLPattern] = [
    path("intake/", intake, name="intake"),
    path("intake/one/", one, name="intake_one"),
    path("intake/senders/", senders, name="senders"),
    path("intake/<int:pk>/", batch, name="batch"),
    path("intake/<int:pk>/columns/", columns, name="columns"),
    path("intake/<int:pk>/confirm/", confirm, name="confirm"),
    path("intake/<int:pk>/cancel/", cancel, name="cancel"),
    path("intake/<int:pk>/progress/", progress, name="progress"),
    path("intake/<int:pk>/refused/", refused_file, name="refused_file"),
]
