"""Pages after the danger: follow-ups, the second pair of eyes, answers to the senders."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fangxian.exchange.problems import language_of
from fangxian.exchange.tables import UnreadableTable
from fangxian.exchange.writing import CONTENT_TYPE, write_with_columns_added
from fangxian.town.access import Ability, StaffRequest, access_of, needs
from fangxian.warn.actions import after as actions
from fangxian.warn.actions.errors import FourEyes, Refused
from fangxian.warn.actions.exports import note_export
from fangxian.warn.forms import FollowUpForm, ReasonForm, ReviewForm
from fangxian.warn.models import Episode, FollowUp, Review, Task
from fangxian.warn.queries.after import (
    answerable_batches,
    answers_of,
    masked,
    phones_of,
    review_sheet,
    to_review,
    told_by_batch,
    told_by_sender,
    up_for_review,
    with_deeds,
)
from fangxian.warn.queries.call import spoken
from fangxian.warn.queries.intake import table_of
from fangxian.warn.queries.visible import visible_episodes
from fangxian.warn.queries.visit import door_sheet, tasks_at_doors
from fangxian.warn.script import filled, follow_up_script

from .call import not_written

ROWS_A_PAGE = 20


@needs(Ability.VISIT)
def follow_up(request: StaffRequest, pk: int) -> HttpResponse:
    """A conversation 3 or 30 days later."""
    task = get_object_or_404(tasks_at_doors(request.user, Task.Kind.FOLLOW_UP), pk=pk)
    language = language_of(get_language() or "zh")
    script = filled(follow_up_script(task.day, language), spoken(request.user))
    form = FollowUpForm(request.POST or None, script=script, initial={"form_key": uuid4()})
    if request.method == "POST" and form.is_valid():
        return _write_down(request, task, form)
    if task.state != Task.State.TODO:
        messages.info(request, _("这次回访已经记下了。"))
        return redirect("warn:episode", task.episode_id)
    context = {
        "sheet": door_sheet(task, request.user),
        "script": script,
        "form": form,
        "phones": phones_of(task.episode),
    }
    return render(request, "warn/follow_up.html", context, status=422 if form.errors else 200)


def _write_down(request: StaffRequest, task: Task, form: FollowUpForm) -> HttpResponse:
    try:
        made = actions.record_follow_up(
            task, request.user, form.follow_up_notes(), form.cleaned_data["form_key"]
        )
    except Refused as refused:
        return not_written(request, task, refused, form.as_note())
    if made.outcome == FollowUp.Outcome.PAID:
        current = Episode.objects.exclude(state=Episode.State.CLOSED)
        opened = current.filter(resident=task.episode.resident_id).first()
        if opened:
            messages.warning(request, _("钱已经转出：现在和时间赛跑，照清单一步一步做。"))
            return redirect("warn:stop_payment", opened.pk)
    if made.outcome == FollowUp.Outcome.CONTACTED_AGAIN:
        messages.warning(request, _("已记下。警情重新打开，马上派人打电话。"))
    elif made.outcome == FollowUp.Outcome.UNREACHABLE:
        messages.success(request, _not_reached(task))
    else:
        messages.success(request, _("回访已记下。"))
    return redirect("warn:my_work")


def _not_reached(task: Task) -> str:
    task.refresh_from_db()
    if task.state != Task.State.TODO:
        return _("三次没联系上，已记下，派人上门看看。")
    at = timezone.localtime(task.starts_at)
    return _("没联系上，已记下。%(time)s 起再试一次。") % {"time": f"{at:%m-%d %H:%M}"}


# --- the second pair of eyes ---------------------------------------------------------------------


@needs(Ability.REVIEW)
def reviews(request: StaffRequest) -> HttpResponse:
    """What waits for review in one's area; marks what one did oneself."""
    page = Paginator(up_for_review(request.user), ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = to_review(with_deeds(page.object_list), request.user)  # type: ignore[arg-type]
    return render(request, "warn/reviews.html", {"page": page, "rows": rows})


@needs(Ability.REVIEW)
def review(request: StaffRequest, pk: int) -> HttpResponse:
    """What was done on one episode, and the verdict."""
    rows = with_deeds(
        visible_episodes(request.user, Ability.REVIEW).select_related("place__parent")
    )
    episode = get_object_or_404(rows, pk=pk)
    form = ReviewForm(request.POST or None, initial={"form_key": uuid4()})
    if request.method == "POST" and form.is_valid():
        return _judge(request, episode, form)
    if episode.state != Episode.State.REVIEW:
        messages.info(request, _("这件警情现在不用复核。"))
        return redirect("warn:episode", pk)
    context = {"sheet": review_sheet(episode, request.user), "form": form}
    return render(request, "warn/review.html", context, status=422 if form.errors else 200)


def _judge(request: StaffRequest, episode: Episode, form: ReviewForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        made = actions.review(
            episode, request.user, data["verdict"], data["notes"].strip(), data["form_key"]
        )
    except FourEyes:
        messages.warning(request, _("这件警情您亲自办过。复核要换一双眼睛，请留给没有经手的同事。"))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        agreed = made.verdict == Review.Verdict.AGREED
        messages.success(request, _("已同意办结。") if agreed else _("已退回，马上派人再打电话。"))
    return redirect("warn:reviews")


# --- answers to senders ----------------------------------------------------------------------------


@needs(Ability.EXPORT)
def answers(request: StaffRequest) -> HttpResponse:
    """What each sender has been told, and the lists from which to tell the rest."""
    batches = answerable_batches(request.user)
    page = Paginator(batches, ROWS_A_PAGE).get_page(request.GET.get("page"))
    told = told_by_batch(request.user, page.object_list)
    access = access_of(request.user)
    context = {
        "page": page,
        "rows": [
            (batch, told.get(batch.pk), access.may(Ability.REVEAL, batch.place.code))
            for batch in page.object_list
        ],
        "senders": told_by_sender(request.user),
    }
    return render(request, "warn/answers.html", context)


@require_POST
@needs(Ability.EXPORT)
def answers_file(request: StaffRequest, pk: int) -> HttpResponse:
    """The sender's own list with what became of each row.

    In clear for those who may look at what is masked, with a reason that is kept: whoever takes it
    tells the sender, and the closed rows count as answered from now on. Masked for all others,
    which tells nobody anything.
    """
    batch = get_object_or_404(answerable_batches(request.user), pk=pk)
    if not batch.kept:  # type: ignore[attr-defined]
        messages.warning(request, _("这份名单的原件已按保存期限删除，不能再按原样反馈。"))
        return redirect("warn:answers")
    form = ReasonForm(request.POST)
    clear = access_of(request.user).may(Ability.REVEAL, batch.place.code)
    if clear and not form.is_valid():
        messages.error(request, str(form.errors["reason"][0]))
        return redirect("warn:answers")
    try:
        table = table_of(batch)
    except UnreadableTable as error:
        messages.error(request, error.say(language_of(get_language() or "zh")))
        return redirect("warn:answers")
    found = answers_of(batch, table, request.user)
    facts: dict[str, object] = {"masked": True}
    if clear:
        facts = {"reason": form.cleaned_data["reason"]}
        actions.answer_sender(found.signals, request.user)
    else:
        table = masked(table, batch)
    data = write_with_columns_added(table, found.added, "xlsx")
    note_export(request.user, "answers", len(table.rows), batch=batch.pk, **facts)
    answer = HttpResponse(data, content_type=CONTENT_TYPE["xlsx"])
    answer["Content-Disposition"] = f'attachment; filename="answers-{batch.pk}.xlsx"'
    return answer


urlpatterns: list[URLPattern] = [
    path("tasks/<int:pk>/follow-up/", follow_up, name="follow_up"),
    path("reviews/", reviews, name="reviews"),
    path("reviews/<int:pk>/", review, name="review"),
    path("answers/", answers, name="answers"),
    path("answers/<int:pk>/", answers_file, name="answers_file"),
]
