"""Pages of the episodes: the list and its export, one episode, and what is ordered there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.detect.kinds import kind_choices
from fangxian.exchange.writing import CONTENT_TYPE, Format, write_table
from fangxian.town.access import Ability, StaffRequest, access_of, needs
from fangxian.town.models import Staff
from fangxian.town.sought import seek, sought
from fangxian.town.views.fields import DayField
from fangxian.warn.actions.after import add_note
from fangxian.warn.actions.errors import Refused
from fangxian.warn.actions.exports import note_export
from fangxian.warn.actions.tasks import assign as assign_task
from fangxian.warn.actions.visits import order_visit as order_a_visit
from fangxian.warn.models import Episode, Grade, Task
from fangxian.warn.queries.candidates import candidates
from fangxian.warn.queries.desk import person
from fangxian.warn.queries.episodes import (
    Page,
    Wanted,
    episode_page,
    export_header,
    export_rows,
    find_episodes,
    fraud_name,
    state_counts,
    with_open_tasks,
)
from fangxian.warn.queries.visible import visible_episodes, visible_tasks

from .desk import FilterForm, village_choices

ROWS_A_PAGE = 25
LONGEST_NOTE = 1000


class FindForm(FilterForm):
    """What the list is narrowed to."""

    text = forms.CharField(
        label=_l("查找"),
        required=False,
        max_length=80,
        help_text=_l("完整的电话号码、警情编号（如 #128）或来文编号。电话加密存放，只能整号查找。"),
    )
    state = forms.ChoiceField(
        label=_l("状态"), required=False, choices=[("", _l("全部")), *Episode.State.choices]
    )
    grade = forms.TypedChoiceField(
        label=_l("等级"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _l("全部")), *Grade.choices],
    )
    kind = forms.ChoiceField(label=_l("类型"), required=False)
    village = forms.ChoiceField(label=_l("村社区"), required=False)
    since = DayField(label=_l("从"), required=False)
    until = DayField(label=_l("到"), required=False)

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = [("", _("全部")), *kind_choices(get_language() or "zh")]
        fields["village"].choices = [("", _("全部")), *village_choices(by)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("结束日期要不早于开始日期。"))
        return data

    def wanted(self) -> Wanted:
        """What is asked for; fields that make no sense are left out, with their error shown."""
        self.is_valid()
        return Wanted(**{k: v for k, v in self.cleaned_data.items() if v})


@needs(Ability.SEE_EPISODES)
def episodes(request: StaffRequest) -> HttpResponse:
    """The list of episodes. What is sought is posted (town/sought.py)."""
    if request.method == "POST":
        return seek(request, "episodes", request.POST.get("text", ""), _filters(request.POST))
    text = sought(request, "episodes")
    form = FindForm({**_filters(request.GET), "text": text}, by=request.user)
    wanted = form.wanted()
    found = find_episodes(request.user, wanted)
    page = Paginator(with_open_tasks(found), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [
            {"episode": e, "fraud": fraud_name(e), "person": person(e.resident)}
            for e in page.object_list
        ],
        "counts": _counts(state_counts(found)),
        "narrowed": wanted != Wanted(),
        "may_export": access_of(request.user).may(Ability.EXPORT),
    }
    return render(request, "warn/episodes.html", context)


def _filters(given: QueryDict) -> dict[str, str]:
    """The filters of the list, but what is sought."""
    return {name: given.get(name, "") for name in FindForm.base_fields if name != "text"}


def _counts(found: dict[str, int]) -> list[tuple[str, int]]:
    return [(str(label), found.get(state, 0)) for state, label in Episode.State.choices]


@require_POST
@needs(Ability.EXPORT)
def export_episodes(request: StaffRequest) -> HttpResponse:
    """The list as a file: masked like the page, and written down."""
    form = FindForm(request.POST, by=request.user)
    wanted = form.wanted()
    found = find_episodes(request.user, wanted, Ability.EXPORT)
    kind: Format = "csv" if request.POST.get("as") == "csv" else "xlsx"
    rows = list(export_rows(found))
    data = write_table(export_header(), rows, _("警情"), kind)
    note_export(
        request.user,
        "episodes",
        len(rows),
        **{k: v for k, v in form.cleaned_data.items() if v and k != "text"},
        searched=bool(wanted.text),
    )
    answer = HttpResponse(data, content_type=CONTENT_TYPE[kind])
    day = timezone.localdate()
    answer["Content-Disposition"] = f'attachment; filename="episodes-{day:%Y%m%d}.{kind}"'
    return answer


# --- one episode ------------------------------------------------------------------------------


@needs(Ability.SEE_EPISODES)
def episode(request: StaffRequest, pk: int) -> HttpResponse:
    """One episode: who, why, what now, and all that happened."""
    return render(request, "warn/episode.html", _page(request, pk))


@needs(Ability.SEE_EPISODES)
def episode_print(request: StaffRequest, pk: int) -> HttpResponse:
    """One episode as a document, in the order in which it happened."""
    context = _page(request, pk)
    return render(request, "warn/episode_print.html", context)


def _page(request: StaffRequest, pk: int) -> dict[str, Any]:
    try:
        found: Page = episode_page(request.user, pk, timezone.now())
    except Episode.DoesNotExist:
        raise Http404 from None
    code, access = found.episode.place.code, access_of(request.user)
    is_open = found.episode.state != Episode.State.CLOSED
    to_visit = any(row.task.kind == Task.Kind.VISIT for row in found.tasks)
    return {
        "page": found,
        "episode": found.episode,
        "story": list(reversed(found.events)),
        "may_note": access.may(Ability.VISIT, code),
        "may_assign": access.may(Ability.ASSIGN, code),
        "may_order_visit": is_open and not to_visit and access.may(Ability.CALL, code),
        "may_see_resident": access.may(Ability.SEE_RESIDENTS, code),
    }


@require_POST
@needs(Ability.VISIT)
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Write a remark on the timeline."""
    found = get_object_or_404(visible_episodes(request.user, Ability.VISIT), pk=pk)
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("备注还是空的。"))
    elif len(text) > LONGEST_NOTE:
        messages.error(request, _("备注最多 %(n)s 个字。") % {"n": LONGEST_NOTE})
    else:
        add_note(found, request.user, text)
        messages.success(request, _("已记下。"))
    return redirect("warn:episode", pk)


@require_POST
@needs(Ability.CALL)
def order_visit(request: StaffRequest, pk: int) -> HttpResponse:
    """Send somebody to the door."""
    found = get_object_or_404(visible_episodes(request.user, Ability.CALL), pk=pk)
    try:
        task = order_a_visit(found, request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已安排上门，派给%(who)s。") if task.assigned_to else _("已安排上门，等待领取。")
        messages.success(request, said % {"who": task.assigned_to})
    return redirect("warn:episode", pk)


@needs(Ability.ASSIGN)
def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand a task to somebody: first whom (load, on shift), then done."""
    inside = access_of(request.user).within(visible_tasks(request.user), Ability.ASSIGN)
    task = get_object_or_404(inside, pk=pk)
    people = candidates(task, timezone.now())
    back = _back(request, task)
    if request.method == "POST":
        chosen = next((c for c in people if str(c.staff.pk) == request.POST.get("to")), None)
        try:
            if chosen is None:
                raise Refused(_("请从名单里选一个人。"))
            assign_task(task, request.user, chosen.staff)
            messages.success(request, _("已派给%(who)s。") % {"who": chosen.staff.name})
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect(back)
    context = {
        "task": task,
        "person": person(task.episode.resident),
        "people": people,
        "back": back,
    }
    page = "warn/desk_assign_form.html" if request.htmx else "warn/desk_assign.html"
    return render(request, page, context)


def _back(request: StaffRequest, task: Task) -> str:
    """Where the person came from: a page of this house, else the episode."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/"):
        return wanted
    return reverse("warn:episode", args=[task.episode_id])


urlpatterns: list[URLPattern] = [
    path("episodes/", episodes, name="episodes"),
    path("episodes/export/", export_episodes, name="export_episodes"),
    path("episodes/<int:pk>/", episode, name="episode"),
    path("episodes/<int:pk>/print/", episode_print, name="episode_print"),
    path("episodes/<int:pk>/note/", note, name="note"),
    path("episodes/<int:pk>/order-visit/", order_visit, name="order_visit"),
    path("tasks/<int:pk>/assign/", assign, name="assign"),
]
