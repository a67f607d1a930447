"""Pages of residents: found, read, revealed, made, changed, erased."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from fangxian.exchange.phones import parse_phones
from fangxian.exchange.problems import language_of
from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs, visible_places
from fangxian.town.actions import RevealReason
from fangxian.town.actions.identities import LONGEST
from fangxian.town.actions.reveals import REVEALABLE
from fangxian.town.models import Document, Level, Place, Resident, Staff, Tag
from fangxian.town.queries import visible_households, visible_residents
from fangxian.town.queries.people import MOST_BY_NAME, find_residents
from fangxian.town.sought import seek, sought

from .fields import PhonesField, PlaceField

RESIDENTS_A_PAGE = 50


class ResidentForm(forms.Form):
    """A resident. For one that exists already, masked fields left empty stay as they are."""

    name = forms.CharField(label=_l("姓名"), max_length=60)
    phones = PhonesField(
        label=_l("电话"), required=False, help_text=_l("手机或带区号的座机，几个号码用逗号隔开。")
    )
    place = PlaceField(label=_l("所在网格"), queryset=Place.objects.none())
    birth_year = forms.IntegerField(label=_l("出生年份"), required=False, min_value=1900)
    document = forms.ChoiceField(
        label=_l("证件种类"), choices=Document.choices, initial=Document.ID_CARD, required=False
    )
    id_number = forms.CharField(label=_l("证件号码"), max_length=LONGEST, required=False)
    tags = forms.MultipleChoiceField(
        label=_l("标签"),
        choices=Tag.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, by: Staff, resident: Resident | None = None, **kw: Any) -> None:
        if resident:
            kw["initial"] = {
                "place": resident.place_id,
                "birth_year": resident.birth_year,
                "document": resident.document,
                "tags": resident.tags,
            }
        super().__init__(*args, **kw)
        place: Any = self.fields["place"]
        place.queryset = homes(by)
        if resident:
            del self.fields["phones"]
            for name, value in (("name", resident.name), ("id_number", resident.id_number)):
                self.fields[name].required = False
                if value:
                    self.fields[name].help_text = _("现为 %(masked)s；不填则不改。") % {
                        "masked": value
                    }

    def clean_document(self) -> str:
        return self.cleaned_data["document"] or (
            self.initial.get("document") or Document.ID_CARD.value
        )

    def changes(self) -> dict[str, Any]:
        """What `edit_resident` is to change."""
        data = dict(self.cleaned_data)
        return {k: v for k, v in data.items() if v or k not in ("name", "id_number")}


class RevealForm(forms.Form):
    field = forms.ChoiceField(choices=[(f, f) for f in REVEALABLE], widget=forms.HiddenInput)
    phone = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.ChoiceField(
        label=_l("为什么要看"), choices=RevealReason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_l("说明"), max_length=100, required=False)


def homes(by: Staff, ability: Ability = Ability.EDIT_RESIDENTS) -> Any:
    """Places in which people may be registered: grids, and villages for those not yet found."""
    return (
        visible_places(by, ability)
        .filter(level__in=(Level.VILLAGE, Level.GRID))
        .select_related("parent")
        .order_by("code")
    )


@needs(Ability.SEE_RESIDENTS)
def residents(request: StaffRequest) -> HttpResponse:
    """Residents of one's area; found by whole phone number, or by name within one area.

    What is sought is posted (sought.py).
    """
    if request.method == "POST":
        filters = {name: request.POST.get(name, "") for name in ("village", "tag")}
        return seek(request, "residents", request.POST.get("q", ""), filters)
    villages = list(visible_places(request.user, Ability.SEE_RESIDENTS).filter(level=Level.VILLAGE))
    chosen, text = request.GET, sought(request, "residents")
    village = next((v for v in villages if v.code == chosen.get("village")), None)
    found = find_residents(request.user, text, village, chosen.get("tag", ""))
    page = Paginator(found.rows, RESIDENTS_A_PAGE).get_page(chosen.get("page"))
    context = {
        "page": page,
        "found": found,
        "sought": text,
        "villages": villages,
        "village": village,
        "tags": Tag.choices,
        "most": MOST_BY_NAME,
        "may_edit": access_of(request.user).may(Ability.EDIT_RESIDENTS),
    }
    return render(request, "town/residents.html", context)


@needs(Ability.SEE_RESIDENTS)
def resident(request: StaffRequest, pk: int) -> HttpResponse:
    """One resident, masked, with what may be done."""
    person = get_object_or_404(visible_residents(request.user), pk=pk)
    access, code = access_of(request.user), person.place.code
    context = {
        "resident": person,
        "phones": list(person.phones.all()),
        "others": list(person.household.residents.exclude(pk=pk)) if person.household else [],
        "may_edit": access.may(Ability.EDIT_RESIDENTS, code),
        "may_reveal": access.may(Ability.REVEAL, code),
    }
    return render(request, "town/resident.html", context)


@needs(Ability.REVEAL)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask why (GET), then show one value (POST). A fragment for htmx, a page without it."""
    person = get_object_or_404(visible_residents(request.user, Ability.REVEAL), pk=pk)
    form = RevealForm(request.POST or None, initial=request.GET.dict())
    text = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        # Another person's number must not turn into this person's first one.
        phone = get_object_or_404(person.phones, pk=data["phone"]) if data["phone"] else None
        try:
            text = actions.reveal(
                request.user, person, data["field"], data["reason"], data["note"], phone
            )
        except actions.Refused as refused:
            form.add_error("note" if data["reason"] == RevealReason.OTHER else None, str(refused))
    context = {"resident": person, "form": form, "text": text, "why": RevealReason.choices}
    whole = "town/_reveal.html" if request.htmx else "town/reveal.html"
    return render(request, whole, context)


@needs(Ability.EDIT_RESIDENTS)
def resident_new(request: StaffRequest) -> HttpResponse:
    """Make a resident, perhaps in a household that exists."""
    homes_of_mine = visible_households(request.user, Ability.EDIT_RESIDENTS)
    asked = request.GET.get("household", "")
    # An address that somebody changed by hand gives the form without a household.
    key = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    household = homes_of_mine.filter(pk=key).first()
    form = ResidentForm(request.POST or None, by=request.user)
    if household:
        del form.fields["place"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        place = household.grid if household else data.pop("place")
        try:
            person = actions.add_resident(
                request.user, place, data.pop("name"), household=household, **data
            )
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已登记。"))
            return redirect("town:resident", person.pk)
    return render(request, "town/resident_form.html", {"form": form, "household": household})


@needs(Ability.EDIT_RESIDENTS)
def resident_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct a resident. Masked values are typed anew or left alone, never shown for editing."""
    person = get_object_or_404(visible_residents(request.user, Ability.EDIT_RESIDENTS), pk=pk)
    form = ResidentForm(request.POST or None, by=request.user, resident=person)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_resident(request.user, person, **form.changes())
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已更正。"))
            return redirect("town:resident", person.pk)
    return render(request, "town/resident_form.html", {"form": form, "resident": person})


@needs(Ability.EDIT_RESIDENTS)
@require_POST
def phone_add(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(visible_residents(request.user, Ability.EDIT_RESIDENTS), pk=pk)
    parsed = parse_phones(request.POST.get("phone", ""), settings.DEFAULT_AREA_CODE, _("电话"))
    for problem in parsed.problems:
        messages.error(request, problem.say(language_of(get_language() or "zh")))
    for number in parsed.phones:
        actions.add_phone(request.user, person, number.e164, request.POST.get("note", ""))
    if not parsed.phones and not parsed.problems:
        messages.error(request, _("请输入电话号码。"))
    return redirect("town:resident", pk)


@needs(Ability.EDIT_RESIDENTS)
@require_POST
def phone_remove(request: StaffRequest, pk: int, phone: int) -> HttpResponse:
    person = get_object_or_404(visible_residents(request.user, Ability.EDIT_RESIDENTS), pk=pk)
    actions.remove_phone(request.user, get_object_or_404(person.phones, pk=phone))
    messages.success(request, _("号码已移除。"))
    return redirect("town:resident", pk)


@needs(Ability.EDIT_RESIDENTS)
@require_POST
def resident_erase(request: StaffRequest, pk: int) -> HttpResponse:
    """The resident asked to be forgotten (个人信息保护法 Art. 47)."""
    person = get_object_or_404(visible_residents(request.user, Ability.EDIT_RESIDENTS), pk=pk)
    actions.erase_resident(request.user, person)
    messages.success(request, _("身份信息已删除，只保留无法识别个人的统计数据。"))
    return redirect("town:residents")


urlpatterns: list[URLPattern] = [
    path("residents/", residents, name="residents"),
    path("residents/new/", resident_new, name="resident_new"),
    path("residents/<int:pk>/", resident, name="resident"),
    path("residents/<int:pk>/edit/", resident_edit, name="resident_edit"),
    path("residents/<int:pk>/reveal/", reveal, name="reveal"),
    path("residents/<int:pk>/phones/", phone_add, name="phone_add"),
    path("residents/<int:pk>/phones/<int:phone>/remove/", phone_remove, name="phone_remove"),
    path("residents/<int:pk>/erase/", resident_erase, name="resident_erase"),
]
