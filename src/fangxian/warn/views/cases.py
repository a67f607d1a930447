"""Pages of the register of cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.detect.kinds import kind_choices, kind_name
from fangxian.exchange.phones import parse_number
from fangxian.town.access import Ability, access_of, needs, visible_places
from fangxian.town.models import Place, Resident, Staff
from fangxian.town.queries import residents_by_phone
from fangxian.town.views.fields import DayField
from fangxian.warn.actions import cases as actions
from fangxian.warn.actions.cases import CaseFacts
from fangxian.warn.models import Case, Episode, StopPayment
from fangxian.warn.queries.cases import told_before
from fangxian.warn.queries.visible import visible_cases, visible_episodes


class Request(HttpRequest):
    """A request of a member of staff: `@needs` let no other in."""

    user: Staff


class CaseForm(forms.Form):
    """The facts of a case. Money is typed in yuan."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    number = forms.CharField(label=_l("案件编号"), max_length=40, required=False)
    kind = forms.ChoiceField(label=_l("骗局类型"))
    happened_on = DayField(label=_l("发案日期"))
    place = forms.ModelChoiceField(label=_l("发案地点"), queryset=Place.objects.none())
    channel = forms.ChoiceField(label=_l("接触渠道"), choices=Case.Channel.choices)
    loss = forms.DecimalField(
        label=_l("损失（元）"), min_value=0, max_digits=12, decimal_places=2, initial=0
    )
    stopped = forms.DecimalField(
        label=_l("止付（元）"), min_value=0, max_digits=12, decimal_places=2, initial=0
    )
    phone = forms.CharField(
        label=_l("受害人电话"),
        max_length=40,
        required=False,
        help_text=_l("用来核对之前是否预警过；只存在名册里的人会关联。"),
    )
    story = forms.CharField(
        label=_l("经过"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        place: Any = self.fields["place"]
        place.queryset = (
            visible_places(by, Ability.EDIT_CASES)
            .filter(level__in=("town", "village", "grid"))
            .order_by("code")
        )
        kind: Any = self.fields["kind"]
        kind.choices = kind_choices(get_language() or "zh")

    def clean_happened_on(self) -> Any:
        day = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("发案日期在今天之后，请核对。"))
        return day

    def clean_phone(self) -> Resident | None:
        """The resident at the phone, if the register knows one in the person's own area."""
        text = self.cleaned_data["phone"].strip()
        if not text:
            return None
        number = parse_number(text, settings.DEFAULT_AREA_CODE)
        if number is None:
            raise forms.ValidationError(_("看不出这是电话号码：应为 11 位手机号或带区号的座机。"))
        rows = access_of(self.by).within(residents_by_phone(number.e164), Ability.EDIT_CASES)
        return rows.first()

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        same = Case.objects.filter(number=number, withdrawn_at=None).exclude(
            form_key=self.data.get("form_key") or uuid4()
        )
        if number and same.exists():
            raise forms.ValidationError(_("编号 %(n)s 已经登记过。") % {"n": number})
        return number

    def facts(self, episode: Episode | None) -> CaseFacts:
        data = self.cleaned_data
        return CaseFacts(
            kind=data["kind"],
            place=data["place"],
            happened_on=data["happened_on"],
            channel=data["channel"],
            loss_fen=int(data["loss"] * 100),
            stopped_fen=int(data["stopped"] * 100),
            number=data["number"],
            story=data["story"].strip(),
            resident=data["phone"],
            episode=episode,
        )


@needs(Ability.SEE_CASES)
def cases(request: Request) -> HttpResponse:
    """The register, newest first, by year and kind."""
    rows = told_before(visible_cases(request.user).filter(withdrawn_at=None))
    year, kind = request.GET.get("year", ""), request.GET.get("kind", "")
    if year.isdecimal() and 2000 <= int(year) <= 2100:
        rows = rows.filter(happened_on__year=int(year))
    language = get_language() or "zh"
    kinds = kind_choices(language)
    if kind in dict(kinds):
        rows = rows.filter(kind=kind)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    for case in page.object_list:
        case.kind_name = kind_name(case.kind).of(language)  # type: ignore[attr-defined]
    context = {
        "page": page,
        "kinds": kinds,
        "kind": kind,
        "year": year,
        "years": range(timezone.localdate().year, timezone.localdate().year - 4, -1),
        "may_edit": access_of(request.user).may(Ability.EDIT_CASES),
    }
    return render(request, "warn/cases.html", context)


@needs(Ability.EDIT_CASES)
def case_new(request: Request) -> HttpResponse:
    """Enter a case; from an episode's page its facts come along."""
    episode = None
    if number := request.GET.get("episode", ""):
        rows = visible_episodes(request.user, Ability.EDIT_CASES)
        episode = get_object_or_404(
            rows, pk=number if number.isdecimal() and len(number) < 19 else 0
        )
    initial: dict[str, Any] = {"form_key": uuid4(), "happened_on": timezone.localdate()}
    if episode:
        initial |= {"kind": episode.kind, "place": episode.place_id, **_known_of_the_race(episode)}
    form = CaseForm(request.POST or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = actions.record_case(request.user, form.facts(episode), form.cleaned_data["form_key"])
        if made.episode_id:
            messages.warning(request, _("这位居民之前收到过预警，已关联。"))
        else:
            messages.success(request, _("案件已登记。"))
        return redirect("warn:case", made.pk)
    context = {"form": form, "episode": episode}
    return render(request, "warn/case_form.html", context, status=422 if form.errors else 200)


def _known_of_the_race(episode: Episode) -> dict[str, Any]:
    """What was typed while the payment was being stopped, so that nobody types it again."""
    race = StopPayment.objects.filter(episode=episode).first()
    known: dict[str, Any] = {}
    if race and race.stopped_fen is not None:
        known["stopped"] = Decimal(race.stopped_fen) / 100
    if race and race.paid_at:
        known["happened_on"] = timezone.localdate(race.paid_at)
    return known


@needs(Ability.SEE_CASES)
def case(request: Request, pk: int) -> HttpResponse:
    """One case."""
    found = get_object_or_404(told_before(visible_cases(request.user)), pk=pk)
    context = {
        "case": found,
        "kind_name": kind_name(found.kind).of(get_language() or "zh"),
        "may_edit": access_of(request.user).may(Ability.EDIT_CASES, found.place.code),
    }
    return render(request, "warn/case.html", context)


@needs(Ability.EDIT_CASES)
def case_edit(request: Request, pk: int) -> HttpResponse:
    """Correct a case."""
    rows = visible_cases(request.user, Ability.EDIT_CASES).filter(withdrawn_at=None)
    found = get_object_or_404(rows, pk=pk)
    initial = {
        "form_key": found.form_key,
        "number": found.number,
        "kind": found.kind,
        "happened_on": found.happened_on,
        "place": found.place_id,
        "channel": found.channel,
        "loss": Decimal(found.loss_fen) / 100,
        "stopped": Decimal(found.stopped_fen) / 100,
        "story": found.story.clear,
    }
    form = CaseForm(request.POST or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_case(found, request.user, form.facts(None))
        messages.success(request, _("已更正。"))
        return redirect("warn:case", pk)
    context = {"form": form, "case": found}
    return render(request, "warn/case_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Ability.EDIT_CASES)
def case_withdraw(request: Request, pk: int) -> HttpResponse:
    """Take a case out of the counts, with a reason."""
    found = get_object_or_404(visible_cases(request.user, Ability.EDIT_CASES), pk=pk)
    because = request.POST.get("because", "").strip()[:200]
    if not because:
        messages.error(request, _("请写明撤销的理由。"))
    else:
        actions.withdraw_case(found, request.user, because)
        messages.info(request, _("案件已撤销，不再计入统计。"))
    return redirect("warn:case", pk)


urlpatterns: list[URLPattern] = [
    path("cases/", cases, name="cases"),
    path("cases/new/", case_new, name="case_new"),
    path("cases/<int:pk>/", case, name="case"),
    path("cases/<int:pk>/edit/", case_edit, name="case_edit"),
    path("cases/<int:pk>/withdraw/", case_withdraw, name="case_withdraw"),
]
