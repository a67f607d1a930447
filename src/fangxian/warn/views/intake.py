"""Pages of the intake: hand in a list, see what it would do, correct its columns, confirm, watch."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fangxian.detect.kinds import kind_name
from fangxian.exchange.columns import field_choices, mapping_from, mapping_problems
from fangxian.exchange.problems import Problem
from fangxian.exchange.tables import UnreadableTable
from fangxian.exchange.writing import CONTENT_TYPE, Format, write_bad_rows
from fangxian.town.access import Ability, needs
from fangxian.town.dates import day_words
from fangxian.warn.actions import intake as actions
from fangxian.warn.actions.errors import Refused
from fangxian.warn.intake_forms import ListForm, OneForm
from fangxian.warn.models import Batch, Grade, RefusedRow, Sender
from fangxian.warn.queries.intake import BECOMES, Preview, handed_in_before, table_of
from fangxian.warn.queries.visible import visible_batches

from .intake_columns import Request, columns, language, said_columns, say_unclear

ROWS_A_PAGE = 50


@needs(Ability.TAKE_IN)
def intake(request: Request) -> HttpResponse:
    """Hand in a list; below it, the lists handed in before."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read() if file else form.cleaned_data["pasted"].encode()
        if not _was_handed_in(request, form, data) and (handed := _hand_in(request, form, data)):
            return redirect("warn:batch", handed.pk)
    batches = Paginator(visible_batches(request.user), 20).get_page(request.GET.get("page"))
    context = {"form": form, "batches": batches}
    return render(request, "warn/intake.html", context, status=422 if form.errors else 200)


def _was_handed_in(request: Request, form: ListForm, data: bytes) -> bool:
    """Whether the same file came from another sender, and nobody said that it is meant."""
    name = form.cleaned_data["sender"]
    earlier = handed_in_before(request.user, data, name)
    if earlier is None or form.cleaned_data["other_sender"]:
        return False
    facts = {"name": earlier.sender.name, "day": day_words(earlier.created_at)}
    said = _("这份名单 %(day)s 已经以“%(name)s”的名义交过。同一批人会再来一次，请核对来文单位。")
    form.add_error("other_sender", said % facts)
    return True


def _hand_in(request: Request, form: ListForm, data: bytes) -> Batch | None:
    """The batch; None with the reason on the form."""
    file = form.cleaned_data["file"]
    try:
        sender = actions.add_sender(request.user, form.cleaned_data["sender"])
        batch, new = actions.hand_in(request.user, sender, file.name if file else "", data)
    except UnreadableTable as error:
        form.add_error("file" if file else "pasted", error.say(language()))
        return None
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    if not new:
        messages.info(request, _("这份名单交过了，没有重复导入。下面是当时的结果。"))
    return batch


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
    return render(
        request, "warn/intake_one.html", {"form": form}, status=422 if form.errors else 200
    )


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
        "warnings": [Problem.from_json(w).say(language()) for w in preview.warnings],
        "unclear": [Problem.from_json(p).say(language()) for p in preview.unclear],
        "columns": said_columns(preview.columns),
        "doubted": sum(c["unsure"] for c in preview.columns),
    }
    return render(request, "warn/intake_preview.html", context)


@require_POST
@needs(Ability.TAKE_IN)
def confirm(request: Request, pk: int) -> HttpResponse:
    """Import it."""
    found = get_object_or_404(visible_batches(request.user), pk=pk)
    try:
        actions.confirm(found, request.user)
    except actions.ColumnsUnclear:
        table = table_of(found)
        say_unclear(request, mapping_problems(mapping_from(table, found.columns)))
        return redirect("warn:columns", pk)
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
    data = write_bad_rows(table_of(found), wrong, language(), form)
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
    labels = dict(field_choices(language()))
    rows = [
        (s, [(key, labels.get(value, "")) for key, value in s.columns.items() if key and value])
        for s in Sender.objects.all()
    ]
    return render(request, "warn/intake_senders.html", {"rows": rows})


def becomes_labels() -> dict[str, str]:
    """What can become of a row, for people."""
    return {
        "new": _("建立新警情"),
        "unknown": _("名册里没有，先查找此人"),
        "reopened": _("重新打开前几天的警情"),
        "merged": _("并入已有警情"),
        "known_before": _("以前导入过，不变"),
        "refused": _("不能用，退回"),
    }


def _say(row: dict[str, Any]) -> None:
    spoken = language()
    row["kind_name"] = kind_name(row["kind"]).of(spoken)
    row["grade_value"] = Grade[row["grade"].upper()]
    row["moment"] = datetime.fromisoformat(row["at"]) if row.get("at") else None
    row["becomes_label"] = becomes_labels()[row["becomes"]]
    row["said"] = [Problem.from_json(p).say(spoken) for p in row["problems"]]
    row["noted"] = [Problem.from_json(p).say(spoken) for p in row["remarks"]]


def _result(found: Batch) -> dict[str, Any]:
    running = found.state in (Batch.State.QUEUED, Batch.State.RUNNING)
    refused = ngettext("%(n)d 行不能用", "%(n)d 行不能用", found.refused) % {"n": found.refused}
    return {"batch": found, "running": running, "refused_words": refused}


def _refused(found: Batch) -> dict[int, list[Problem]]:
    rows = RefusedRow.objects.filter(batch=found)
    return {r.row: [Problem.from_json(p) for p in json.loads(r.problems.clear)] for r in rows}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


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
