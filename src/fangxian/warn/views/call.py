"""Pages of the call: claim, ring, write down; and the race when money moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.exchange.phones import display
from fangxian.exchange.problems import language_of
from fangxian.town.access import Ability, StaffRequest, needs
from fangxian.town.models import Phone
from fangxian.warn.actions import calls as actions
from fangxian.warn.actions import tasks as task_actions
from fangxian.warn.actions.calls import CallNotes
from fangxian.warn.actions.errors import BudgetSpent, Refused
from fangxian.warn.models import CallOutcome, Episode, Grade, Stage, StopPayment, Task
from fangxian.warn.queries.call import call_sheet, spoken
from fangxian.warn.queries.visible import visible_episodes, visible_tasks
from fangxian.warn.script import call_script, filled

WORRY = [(n, str(n)) for n in range(1, 6)]
# A call that is written down longer after it began than this was left open on a desk.
LONGEST_CALL_SECONDS = 4 * 3600


class CallForm(forms.Form):
    """What was tapped during one call. Only the outcome must be there: two taps write down a
    call that nobody answered."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    started_at = forms.DateTimeField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label=_l("结果"), choices=CallOutcome.choices)
    stage = forms.ChoiceField(
        label=_l("到了哪一步"), choices=Stage.choices, required=False, initial=Stage.UNKNOWN
    )
    worry_before = forms.TypedChoiceField(
        label=_l("开始时担心几分"), choices=WORRY, coerce=int, required=False, empty_value=None
    )
    worry_after = forms.TypedChoiceField(
        label=_l("现在担心几分"), choices=WORRY, coerce=int, required=False, empty_value=None
    )
    notes = forms.CharField(
        label=_l("备注"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def call_notes(self, answers: dict[str, bool]) -> CallNotes:
        data, now = self.cleaned_data, timezone.now()
        began: datetime = data["started_at"]
        if not 0 <= (now - began).total_seconds() <= LONGEST_CALL_SECONDS:
            began = now
        return CallNotes(
            outcome=data["outcome"],
            started_at=began,
            stage=data["stage"] or Stage.UNKNOWN,
            worry_before=data["worry_before"],
            worry_after=data["worry_after"],
            answers=answers,
            notes=data["notes"].strip(),
        )


def page_of(task: Task) -> str:
    """The page on which a task is done."""
    if task.kind == Task.Kind.REVIEW:
        return reverse("warn:review", args=[task.episode_id])
    return reverse(f"warn:{task.kind}", args=[task.pk])


@require_POST
@needs(Ability.VISIT)
def claim(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a task and go on to it; asks for a reason where the contact budget is spent."""
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    try:
        task_actions.claim(task, request.user, request.POST.get("because", "")[:200])
    except BudgetSpent as refused:
        context = {"task": task, "says": str(refused)}
        return render(request, "warn/call_budget.html", context, status=409)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("warn:my_work")
    return redirect(page_of(task))


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
    rows = visible_tasks(request.user).filter(kind=Task.Kind.CALL)
    task = get_object_or_404(rows.select_related("episode__place"), pk=pk)
    if task.state != Task.State.TODO:
        messages.info(request, _("这通电话已经记下了。"))
        return redirect("warn:episode", task.episode_id)
    mine = task.claimed_by_id == request.user.pk
    initial = {"form_key": uuid4(), "started_at": timezone.now().isoformat(), "stage": "unknown"}
    form = CallForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _write_down(request, task, form)
    context = {
        "sheet": call_sheet(task, request.user),
        "form": form,
        "mine": mine,
        "stop": StopPayment.objects.filter(episode=task.episode).first(),
    }
    return render(request, "warn/call.html", context, status=422 if form.errors else 200)


def _write_down(request: StaffRequest, task: Task, form: CallForm) -> HttpResponse:
    answers = {
        key.removeprefix("q_"): value == "yes"
        for key, value in request.POST.items()
        if key.startswith("q_") and value in ("yes", "no")
    }
    try:
        made = actions.record_call(
            task, request.user, form.call_notes(answers), form.cleaned_data["form_key"]
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("warn:episode", task.episode_id)
    if made.outcome == CallOutcome.PAID:
        messages.warning(request, _("钱已经转出：现在和时间赛跑，照清单一步一步做。"))
        return redirect("warn:stop_payment", task.episode_id)
    messages.success(request, _said(task, made.outcome))
    return redirect("warn:my_work")


def _said(task: Task, outcome: str) -> str:
    """What happens next, in a sentence."""
    task.refresh_from_db()
    if outcome == CallOutcome.UNREACHABLE:
        if task.state == Task.State.TODO:
            at = timezone.localtime(task.starts_at)
            return _("没打通，已记下。%(time)s 再打。") % {"time": f"{at:%H:%M}"}
        return _("三次没打通，已请网格员上门。")
    if outcome in (CallOutcome.REFUSED, CallOutcome.WRONG_PERSON):
        return _("已记下，并已派人上门或查找。")
    return _("已记下。3 天和 30 天后会提醒回访。")


@require_POST
@needs(Ability.CALL)
def show_number(request: StaffRequest, pk: int) -> HttpResponse:
    """The clear number, for the one who holds the task; every look is in the audit chain."""
    task = get_object_or_404(visible_tasks(request.user), pk=pk)
    chosen = request.POST.get("phone", "")
    phone = get_object_or_404(
        Phone.objects.select_related("resident"),
        # What is no number is not handed on: an error would print it into the log.
        pk=chosen if chosen.isdecimal() and len(chosen) < 19 else 0,
        resident=task.episode.resident_id,
    )
    try:
        number = actions.show_number(task, request.user, phone)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect(page_of(task))
    context = {"number": number, "shown": display(number), "task": task}
    if request.htmx:
        return render(request, "warn/call_number.html", context)
    return render(request, "warn/call_number_page.html", context)


# --- money moved -------------------------------------------------------------------------------


def _episode(request: StaffRequest, pk: int) -> Episode:
    return get_object_or_404(visible_episodes(request.user, Ability.VISIT), pk=pk)


@needs(Ability.VISIT)
def stop_payment(request: StaffRequest, pk: int) -> HttpResponse:
    """The stop-payment checklist with its running clock; a POST starts it."""
    episode = _episode(request, pk)
    if request.method == "POST":
        actions.start_stop_payment(episode, request.user)
        return redirect("warn:stop_payment", pk)
    stop = StopPayment.objects.filter(episode=episode).first()
    language = language_of(get_language() or "zh")
    script = filled(call_script(episode.kind, language), spoken(request.user))
    steps = [
        (item, _moment(stop.steps.get(item.key)) if stop else None) for item in script.stop_payment
    ]
    context = {"episode": episode, "stop": stop, "steps": steps, "grade": Grade(episode.grade)}
    return render(request, "warn/stop_payment.html", context)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@require_POST
@needs(Ability.VISIT)
def stop_step(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick a step, or take the tick back."""
    stop = get_object_or_404(StopPayment, episode=_episode(request, pk))
    step = request.POST.get("step", "")
    known = {item.key for item in call_script("other", "zh").stop_payment}
    if step in known:
        actions.tick(stop, request.user, step, request.POST.get("done") == "1")
    return redirect("warn:stop_payment", pk)


class StopForm(forms.Form):
    """What the bank held back, in yuan."""

    stopped = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2, required=False)


@require_POST
@needs(Ability.VISIT)
def stop_end(request: StaffRequest, pk: int) -> HttpResponse:
    """End the race and note what was held back."""
    stop = get_object_or_404(StopPayment, episode=_episode(request, pk))
    form = StopForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("金额看不懂：请填数字，例如 12000。"))
        return redirect("warn:stop_payment", pk)
    yuan: Any = form.cleaned_data["stopped"]
    actions.end_stop_payment(stop, request.user, None if yuan is None else int(yuan * 100))
    messages.success(request, _("已记下。接下来有人上门，并登记案件。"))
    return redirect("warn:episode", pk)


urlpatterns: list[URLPattern] = [
    path("tasks/<int:pk>/claim/", claim, name="claim"),
    path("tasks/<int:pk>/release/", release, name="release"),
    path("tasks/<int:pk>/call/", call, name="call"),
    path("tasks/<int:pk>/number/", show_number, name="show_number"),
    path("episodes/<int:pk>/stop/", stop_payment, name="stop_payment"),
    path("episodes/<int:pk>/stop/step/", stop_step, name="stop_step"),
    path("episodes/<int:pk>/stop/end/", stop_end, name="stop_end"),
]
