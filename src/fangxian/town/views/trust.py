"""Pages of trust: the audit chain, what was deleted when, keys for other systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.town import actions, audit, retention
from fangxian.town.access import Ability, StaffRequest, needs, visible_places
from fangxian.town.actions.tokens import LONGEST_DAYS, SCOPES
from fangxian.town.models import AuditEntry, Deletion, Place, Staff
from fangxian.town.queries.trust import AuditFilter, audit_entries, looks_of_the_day, visible_tokens

from .fields import DayField, PlaceField

ENTRIES_A_PAGE = 100
DELETIONS_SHOWN = 200


class AuditForm(forms.Form):
    """Filters; every one may be left empty."""

    actor = forms.CharField(label=_l("谁"), required=False, max_length=40)
    verb = forms.ChoiceField(label=_l("动作"), required=False)
    thing = forms.CharField(label=_l("对象"), required=False, max_length=60)
    since = DayField(label=_l("从"), required=False)
    until = DayField(label=_l("到"), required=False)
    before = forms.IntegerField(
        required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        verbs = AuditEntry.objects.values_list("verb", flat=True).distinct().order_by("verb")
        verb: Any = self.fields["verb"]
        verb.choices = [("", _("全部")), *((v, audit.words_for(v)) for v in verbs)]
        for name, example in (("actor", "staff:12"), ("thing", "episode:17")):
            self.fields[name].widget.attrs["placeholder"] = example
        for field in self.fields.values():
            select = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if select else "form-control"


class TokenForm(forms.Form):
    name = forms.CharField(label=_l("给哪个系统用"), max_length=60)
    place = PlaceField(label=_l("范围"), queryset=Place.objects.none())
    scopes = forms.MultipleChoiceField(label=_l("权限"), widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(
        label=_l("有效天数"), min_value=1, max_value=LONGEST_DAYS, initial=180
    )

    def __init__(self, *args: Any, by: Staff, **kw: Any) -> None:
        super().__init__(*args, **kw)
        place: Any = self.fields["place"]
        place.queryset = visible_places(by, Ability.TOKENS).order_by("code")
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(ability.value, words) for ability, words in SCOPES.items()]


@needs(Ability.AUDIT)
def audit_page(request: StaffRequest) -> HttpResponse:
    """The chain, newest first, by filters; pages go by sequence, so that none slips between."""
    form = AuditForm(request.GET)
    wanted = AuditFilter(**form.cleaned_data) if form.is_valid() else AuditFilter()
    rows = list(audit_entries(wanted)[: ENTRIES_A_PAGE + 1])
    entries = rows[:ENTRIES_A_PAGE]
    query = request.GET.copy()
    query.pop("before", None)
    people = Staff.objects.in_bulk({_staff_id(e.actor) for e in entries})
    context = {
        "form": form,
        "entries": [
            (e, people.get(_staff_id(e.actor)), audit.words_for(e.verb), _facts(e)) for e in entries
        ],
        "looks": looks_of_the_day(),
        "an_hour": settings.REVEALS_AN_HOUR,
        "a_day": settings.REVEALS_A_DAY,
        "next": entries[-1].seq if len(rows) > ENTRIES_A_PAGE else None,
        "query": query.urlencode(),
    }
    return render(request, "town/audit.html", context)


def _facts(entry: AuditEntry) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in sorted(entry.detail.items()) if value is not None]


def _staff_id(actor: str) -> int:
    """The id in `staff:12`; 0 for anybody else."""
    kind, _, key = actor.partition(":")
    return int(key) if kind == "staff" and key.isdigit() else 0


@needs(Ability.AUDIT)
@require_POST
def audit_verify(request: StaffRequest) -> HttpResponse:
    """Read the whole chain and say whether it is whole."""
    read, findings = audit.verify()
    context = {"read": read, "findings": findings, "at": timezone.now()}
    whole = "town/_audit_verified.html" if request.htmx else "town/audit_verified.html"
    return render(request, whole, context)


@needs(Ability.SEE_RETENTION)
def retention_page(request: StaffRequest) -> HttpResponse:
    """The table of periods, what goes next, what went when."""
    labels = {r.key: r for r in retention.rules()}
    deletions = Deletion.objects.all()[:DELETIONS_SHOWN]
    context = {
        "outlook": retention.outlook(),
        "deletions": [(d, labels.get(d.rule)) for d in deletions],
    }
    return render(request, "town/retention.html", context)


@needs(Ability.TOKENS)
def tokens(request: StaffRequest) -> HttpResponse:
    """Keys for other systems: issue (shown once), see when last used, revoke."""
    form = TokenForm(request.POST or None, by=request.user)
    clear = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, clear = actions.issue_token(request.user, **form.cleaned_data)
            form = TokenForm(by=request.user)
        except actions.Refused as refused:
            form.add_error(None, str(refused))
    rows = [
        (token, [SCOPES.get(Ability(scope), scope) for scope in token.scopes])
        for token in visible_tokens(request.user)
    ]
    context = {"form": form, "tokens": rows, "clear": clear, "now": timezone.now()}
    return render(request, "town/tokens.html", context)


@needs(Ability.TOKENS)
@require_POST
def token_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.revoke_token(request.user, get_object_or_404(visible_tokens(request.user), pk=pk))
        messages.success(request, _("密钥已作废，从下一次请求起失效。"))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("town:tokens")


urlpatterns: list[URLPattern] = [
    path("audit/", audit_page, name="audit"),
    path("audit/verify/", audit_verify, name="audit_verify"),
    path("retention/", retention_page, name="retention"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_revoke, name="token_revoke"),
]
