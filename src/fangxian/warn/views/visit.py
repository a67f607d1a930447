"""Pages at the door: the visit on a phone, and finding the person a warning means."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.exchange.problems import language_of
from fangxian.town import actions as town_actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs, visible_places
from fangxian.town.models import Level, Phone, Resident
from fangxian.town.queries import visible_residents
from fangxian.town.sought import seek, sought
from fangxian.warn.actions import visits as actions
from fangxian.warn.actions.errors import Refused
from fangxian.warn.forms import NewcomerForm, VisitForm
from fangxian.warn.models import Episode, StopPayment, Task, Visit, VisitOutcome
from fangxian.warn.queries.call import spoken
from fangxian.warn.queries.visit import (
    Candidates,
    at_phone,
    door_sheet,
    of_like_name,
    tasks_at_doors,
)
from fangxian.warn.script import filled, find_person, visit_script

from .call import not_written


@needs(Ability.VISIT)
def visit(request: StaffRequest, pk: int) -> HttpResponse:
    """The visit: where to go, what to say, what to look at together, what came of it."""
    task = get_object_or_404(tasks_at_doors(request.user, Task.Kind.VISIT), pk=pk)
    language = language_of(get_language() or "zh")
    told = visit_script(task.episode.kind, language, bool(settings.STATION_PHONE))
    script = filled(told, spoken(request.user))
    form = VisitForm(request.POST or None, script=script, initial={"form_key": uuid4()})
    if request.method == "POST" and form.is_valid():
        return _write_down(request, task, form)
    if task.state != Task.State.TODO:
        messages.info(request, _("这次上门已经记下了。"))
        return redirect("warn:episode", task.episode_id)
    context = {
        "sheet": door_sheet(task, request.user),
        "script": script,
        "form": form,
        "stop": StopPayment.objects.filter(episode=task.episode).first(),
    }
    return render(request, "warn/visit.html", context, status=422 if form.errors else 200)


def _write_down(request: StaffRequest, task: Task, form: VisitForm) -> HttpResponse:
    try:
        made = actions.record_visit(
            task, request.user, form.visit_notes(), form.cleaned_data["form_key"]
        )
    except Refused as refused:
        return not_written(request, task, refused, form.as_note())
    if made.outcome == VisitOutcome.PAID:
        messages.warning(request, _("钱已经转出：现在和时间赛跑，照清单一步一步做。"))
        return redirect("warn:stop_payment", made.episode_id)
    messages.success(request, _said(task, made))
    return redirect("warn:my_work")


def _said(task: Task, made: Visit) -> str:
    """What happens next, in a sentence."""
    if made.outcome == VisitOutcome.NOT_HOME:
        task.refresh_from_db()
        at = timezone.localtime(task.starts_at)
        return _("家中无人，已记下。%(time)s 起再去一次。") % {"time": f"{at:%m-%d %H:%M}"}
    if made.outcome == VisitOutcome.MOVED:
        return _("已记下，接下来查找此人住在哪里。")
    if made.outcome == VisitOutcome.REFUSED:
        again = made.episode.tasks.filter(kind=Task.Kind.VISIT, state=Task.State.TODO).first()
        if again:
            at = timezone.localtime(again.starts_at)
            says = _("已记下。%(time)s 起由%(who)s再去一次。")
            return says % {"time": f"{at:%m-%d %H:%M}", "who": again.assigned_to or _("同事")}
        return _("已记下，交给领导复核。")
    if made.outcome == VisitOutcome.FALSE_ALARM:
        return _("已记为误报。")
    return _("已记下。3 天和 30 天后会提醒回访。")


# --- who is it? ----------------------------------------------------------------------------------


@needs(Ability.VISIT)
def find(request: StaffRequest, pk: int) -> HttpResponse:
    """Whom a warning means: look in the register, ask around, say who it is or that nobody is."""
    task = get_object_or_404(tasks_at_doors(request.user, Task.Kind.FIND), pk=pk)
    newcomer = NewcomerForm(by=request.user)
    if request.method == "POST":
        if "phone" in request.POST:
            return seek(request, f"find.{pk}", request.POST["phone"], {})
        if request.POST.get("answer") != "new":
            return _answer(request, task)
        newcomer = NewcomerForm(request.POST, by=request.user)
        if newcomer.is_valid():
            return _register(request, task, newcomer)
    if task.state != Task.State.TODO:
        messages.info(request, _("这个人已经查过了。"))
        return redirect("warn:episode", task.episode_id)
    access, unknown = access_of(request.user), task.episode.resident
    places = visible_places(request.user, Ability.SEE_RESIDENTS).filter(level=Level.VILLAGE)
    villages = list(places.order_by("code"))
    if not villages and task.place.level == Level.GRID and task.place.parent:
        # A grid worker sees no whole village, but the own grid within it.
        villages = [task.place.parent]
    village = next((v for v in villages if v.code == request.GET.get("village")), None)
    text = sought(request, f"find.{pk}")
    found = Candidates()
    if text:
        found = at_phone(request.user, unknown, text)
    elif village:
        found = of_like_name(request.user, unknown, village)
    context = {
        "sheet": door_sheet(task, request.user),
        "tips": find_person(language_of(get_language() or "zh")),
        "phones": list(Phone.objects.filter(resident=unknown).order_by("pk")),
        "villages": villages,
        "village": village,
        "text": text,
        "found": found,
        "asked": bool(text or village),
        "newcomer": newcomer if access.may(Ability.EDIT_RESIDENTS) else None,
    }
    return render(request, "warn/find.html", context, status=422 if newcomer.errors else 200)


def _answer(request: StaffRequest, task: Task) -> HttpResponse:
    """This resident, the person as the warning names them, or nobody of ours."""
    answer = request.POST.get("answer", "")
    resident: Resident | None = None
    if answer == "here":
        resident = task.episode.resident
    elif answer != "nobody":
        number = answer if answer.isdecimal() else "0"
        resident = get_object_or_404(visible_residents(request.user), pk=number)
    try:
        episode = actions.found_person(task, request.user, resident)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _found_says(resident, episode))
    return redirect("warn:my_work")


def _register(request: StaffRequest, task: Task, form: NewcomerForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        # Together or not at all: a second tap must not leave a second resident behind.
        with transaction.atomic():
            resident = town_actions.add_resident(request.user, data["place"], data["name"])
            episode = actions.found_person(task, request.user, resident)
    except (Refused, town_actions.Refused) as refused:
        messages.error(request, str(refused))
        return redirect("warn:find", task.pk)
    messages.success(request, _found_says(resident, episode))
    return redirect("warn:my_work")


def _found_says(resident: Resident | None, episode: Episode) -> str:
    if resident is not None:
        return _("已对上人，电话和警情都记到这位居民名下。")
    if episode.outcome == Episode.Outcome.NOT_FOUND:
        return _("已记为查无此人。")
    return _("已记下：不是我们这里的人。警情还在办，由打电话的同事继续。")


urlpatterns: list[URLPattern] = [
    path("tasks/<int:pk>/visit/", visit, name="visit"),
    path("tasks/<int:pk>/find/", find, name="find"),
]
