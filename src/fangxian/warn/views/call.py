"""Pages of the call: claim, ring, write down; and the race when money moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fangxian.exchange.phones import display
from fangxian.town.access import Ability, StaffRequest, access_of, needs
from fangxian.town.models import Phone
from fangxian.warn.actions import calls as actions
from fangxian.warn.actions import tasks as task_actions
from fangxian.warn.actions.errors import BudgetSpent, Refused
from fangxian.warn.forms import CallForm, StopForm
from fangxian.warn.models import Call, CallOutcome, Episode, StopPayment, Task
from fangxian.warn.queries.call import call_sheet, script_of, stop_steps, tasks_to_ring
from fangxian.warn.queries.desk import person
from fangxian.warn.queries.visible import visible_episodes, visible_tasks
from fangxian.warn.script import STOP_PAYMENT_IDS


def page_of(task: Task) -> str:
    """The page on which a task is done."""
    if task.kind == Task.Kind.REVIEW:
        return reverse("warn:review", args=[task.episode_id])
    return reverse(f"warn:{task.kind}", args=[task.pk])


def not_written(request: StaffRequest, task: Task, refused: Refused, text: str) -> HttpResponse:
    """What was heard could not be written down where it belongs: it is not thrown away, but may
    be kept as a note."""
    context = {"task": task, "says": str(refused), "text": text}
    return render(request, "warn/call_refused.html", context, status=409)


@require_POST
@needs(Ability.VISIT)
def claim(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a task and go on to it; asks for a reason where the contact budget is spent.

    An open page of a task asks again every few minutes (htmx), so that a long talk does not lose
    the claim: nothing to show, or the sentence why it is lost.
    """
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    try:
        task_actions.claim(task, request.user, request.POST.get("because", "")[:200])
    except Refused as refused:
        if request.htmx:
            return render(request, "warn/call_lost.html", {"says": str(refused)})
        if isinstance(refused, BudgetSpent):
            context = {"task": task, "says": str(refused)}
            return render(request, "warn/call_budget.html", context, status=409)
        messages.warning(request, str(refused))
        return redirect("warn:my_work")
    return HttpResponse(status=204) if request.htmx else redirect(page_of(task))


@require_POST
@needs(Ability.VISIT)
def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a task back."""
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    try:
        task_actions.release(task, request.user)
        messages.info(request, _("已放回列表，别的同事可以领取。"))
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("warn:my_work")


@needs(Ability.CALL)
def call(request: StaffRequest, pk: int) -> HttpResponse:
    """The guided call. Claimed tasks only: two officers never ring the same person."""
    task = get_object_or_404(tasks_to_ring(request.user), pk=pk)
    initial = {"form_key": uuid4(), "started_at": timezone.now().isoformat()}
    form = CallForm(request.POST or None, script=script_of(task, request.user), initial=initial)
    if request.method == "POST" and form.is_valid():
        return _write_down(request, task, form)
    if task.state != Task.State.TODO:
        messages.info(request, _("这通电话已经记下了。"))
        return redirect("warn:episode", task.episode_id)
    sheet = call_sheet(task, request.user)
    context: dict[str, Any] = {"sheet": sheet, "form": form}
    if sheet.stop:
        context |= _race(request, sheet.stop)
    return render(request, "warn/call.html", context, status=422 if form.errors else 200)


def _write_down(request: StaffRequest, task: Task, form: CallForm) -> HttpResponse:
    try:
        made = actions.record_call(
            task, request.user, form.call_notes(), form.cleaned_data["form_key"]
        )
    except Refused as refused:
        return not_written(request, task, refused, form.as_note())
    if made.outcome == CallOutcome.PAID:
        messages.warning(request, _("钱已经转出：现在和时间赛跑，照清单一步一步做。"))
        return redirect("warn:stop_payment", made.episode_id)
    messages.success(request, _said(made))
    return redirect("warn:my_work")


def _said(made: Call) -> str:
    """What happens next, in a sentence."""
    rows = Task.objects.filter(episode=made.episode, state=Task.State.TODO)
    ordered = {task.kind: task for task in rows.select_related("assigned_to")}
    again = ordered.get(Task.Kind.CALL)
    if made.outcome == CallOutcome.UNREACHABLE and again:
        return _("没打通，已记下。%(time)s 再打。") % {"time": _at(again.starts_at)}
    if visit := ordered.get(Task.Kind.VISIT):
        says = _("已记下。已请网格员上门：%(who)s，%(time)s 前到。")
        return says % {"who": _doer(visit), "time": _at(visit.due_at)}
    if find := ordered.get(Task.Kind.FIND):
        says = _("已记下。已请人查找此人：%(who)s，%(time)s 前回话。")
        return says % {"who": _doer(find), "time": _at(find.due_at)}
    if made.outcome == CallOutcome.FALSE_ALARM:
        return _("已记为误报。")
    return _("已记下。3 天和 30 天后会提醒回访。")


def _at(moment: datetime) -> str:
    """A moment as short as it can be said: 14:35 today, 11-25 09:00 on another day."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%m-%d %H:%M}"


def _doer(task: Task) -> str:
    return str(task.assigned_to or _("还没有派给人"))


@require_POST
@needs(Ability.CALL)
def show_number(request: StaffRequest, pk: int) -> HttpResponse:
    """The clear number, for the one who holds the task; every look is in the audit chain."""
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    number = request.POST.get("phone", "")
    phone = get_object_or_404(
        Phone.objects.select_related("resident"),
        pk=number if number.isdecimal() and len(number) < 19 else 0,
        resident=task.episode.resident_id,
    )
    try:
        clear = actions.show_number(task, request.user, phone)
    except Refused as refused:
        if request.htmx:
            return render(request, "warn/call_lost.html", {"says": str(refused)})
        messages.warning(request, str(refused))
        return redirect(page_of(task))
    context = {"number": clear, "shown": display(clear), "task": task}
    page = "warn/call_number.html" if request.htmx else "warn/call_number_page.html"
    return render(request, page, context)


# --- money moved -------------------------------------------------------------------------------


def _episode(request: StaffRequest, pk: int) -> Episode:
    return get_object_or_404(visible_episodes(request.user, Ability.VISIT), pk=pk)


@needs(Ability.VISIT)
def stop_payment(request: StaffRequest, pk: int) -> HttpResponse:
    """The stop-payment checklist with its running clock; a POST starts it."""
    episode = _episode(request, pk)
    if request.method == "POST":
        return _panel(request, actions.start_stop_payment(episode, request.user))
    stop = StopPayment.objects.select_related("episode__place").filter(episode=episode).first()
    context: dict[str, Any] = {"episode": episode, "person": person(episode.resident)}
    if stop:
        context |= _race(request, stop)
    return render(request, "warn/stop_payment.html", context)


def _race(request: StaffRequest, stop: StopPayment, wrong: str = "") -> dict[str, Any]:
    """What the checklist shows."""
    code = stop.episode.place.code
    return {
        "stop": stop,
        "steps": stop_steps(stop, request.user),
        "wrong": wrong,
        "may_record_case": access_of(request.user).may(Ability.EDIT_CASES, code),
    }


def _panel(request: StaffRequest, stop: StopPayment, wrong: str = "") -> HttpResponse:
    """The checklist as it now is: within the call page, or as a page of its own."""
    if not request.htmx:
        if wrong:
            messages.error(request, wrong)
        return redirect("warn:stop_payment", stop.episode_id)
    return render(request, "warn/stop_panel.html", _race(request, stop, wrong))


@require_POST
@needs(Ability.VISIT)
def stop_step(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick a step, or take the tick back."""
    rows = StopPayment.objects.select_related("episode__place")
    stop = get_object_or_404(rows, episode=_episode(request, pk))
    step = request.POST.get("step", "")
    if step in STOP_PAYMENT_IDS:
        stop = actions.tick(stop, request.user, step, request.POST.get("done") == "1")
    return _panel(request, stop)


@require_POST
@needs(Ability.VISIT)
def stop_end(request: StaffRequest, pk: int) -> HttpResponse:
    """End the race and note what was held back."""
    rows = StopPayment.objects.select_related("episode__place")
    stop = get_object_or_404(rows, episode=_episode(request, pk))
    form = StopForm(request.POST)
    if not form.is_valid():
        return _panel(request, stop, _("金额看不懂：请填数字，例如 12000。"))
    return _panel(request, actions.end_stop_payment(stop, request.user, form.stopped_fen))


urlpatterns: list[URLPattern] = [
    path("tasks/<int:pk>/claim/", claim, name="claim"),
    path("tasks/<int:pk>/release/", release, name="release"),
    path("tasks/<int:pk>/call/", call, name="call"),
    path("tasks/<int:pk>/number/", show_number, name="show_number"),
    path("episodes/<int:pk>/stop/", stop_payment, name="stop_payment"),
    path("episodes/<int:pk>/stop/step/", stop_step, name="stop_step"),
    path("episodes/<int:pk>/stop/end/", stop_end, name="stop_end"),
]
