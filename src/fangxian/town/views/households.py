"""Pages of households: who lives under one roof, and from which grid it is visited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.town import actions
from fangxian.town.access import Ability, StaffRequest, access_of, needs
from fangxian.town.models import Household, Place, Resident, Staff
from fangxian.town.queries import visible_households

from .fields import PlaceField
from .residents import homes

HOUSEHOLDS_A_PAGE = 50


class HouseholdForm(forms.Form):
    """An address in a grid. Of one that exists, an empty address stays as it is."""

    grid = PlaceField(label=_l("所在网格"), queryset=Place.objects.none())
    address = forms.CharField(
        label=_l("地址"), max_length=200, help_text=_l("写到门牌，如：海兰村5组6号。")
    )

    def __init__(
        self, *args: Any, by: Staff, household: Household | None = None, **kw: Any
    ) -> None:
        if household:
            kw["initial"] = {"grid": household.grid_id}
        super().__init__(*args, **kw)
        grid: Any = self.fields["grid"]
        grid.queryset = homes(by)
        if household:
            self.fields["address"].required = False
            self.fields["address"].help_text = _("现为 %(masked)s；不填则不改。") % {
                "masked": household.address
            }


@needs(Ability.SEE_RESIDENTS)
def households(request: StaffRequest) -> HttpResponse:
    """Households of one grid: a register to walk from door to door."""
    grids = list(homes(request.user, Ability.SEE_RESIDENTS))
    grid = next((g for g in grids if g.code == request.GET.get("grid")), None)
    # Masked addresses look alike; who lives there tells the doors apart.
    people = Resident.objects.filter(erased_at=None).order_by("pk")
    rows = visible_households(request.user).prefetch_related(
        Prefetch("residents", people, to_attr="people")
    )
    if grid is not None:
        rows = rows.filter(grid=grid)
    context = {
        "page": Paginator(rows.order_by("grid__code", "pk"), HOUSEHOLDS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "grids": grids,
        "grid": grid,
        "may_edit": access_of(request.user).may(Ability.EDIT_RESIDENTS),
    }
    return render(request, "town/households.html", context)


@needs(Ability.SEE_RESIDENTS)
def household(request: StaffRequest, pk: int) -> HttpResponse:
    """One household and the people in it."""
    home = get_object_or_404(visible_households(request.user), pk=pk)
    access = access_of(request.user)
    context = {
        "household": home,
        "residents": home.residents.filter(erased_at=None),
        "may_edit": access.may(Ability.EDIT_RESIDENTS, home.grid.code),
    }
    return render(request, "town/household.html", context)


@needs(Ability.EDIT_RESIDENTS)
def household_new(request: StaffRequest) -> HttpResponse:
    form = HouseholdForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_household(request.user, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("住户已登记，可以继续添加家庭成员。"))
            return redirect("town:household", made.pk)
    return render(request, "town/household_form.html", {"form": form})


@needs(Ability.EDIT_RESIDENTS)
def household_edit(request: StaffRequest, pk: int) -> HttpResponse:
    home = get_object_or_404(visible_households(request.user, Ability.EDIT_RESIDENTS), pk=pk)
    form = HouseholdForm(request.POST or None, by=request.user, household=home)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.edit_household(
                request.user, home, grid=data["grid"], address=data["address"] or None
            )
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已更正。"))
            return redirect("town:household", pk)
    return render(request, "town/household_form.html", {"form": form, "household": home})


urlpatterns: list[URLPattern] = [
    path("households/", households, name="households"),
    path("households/new/", household_new, name="household_new"),
    path("households/<int:pk>/", household, name="household"),
    path("households/<int:pk>/edit/", household_edit, name="household_edit"),
]
