"""Doors of the town."""

from django.urls import URLPattern

from .views import (
    duties,
    households,
    places,
    profile,
    resident_lists,
    residents,
    roster,
    sign_in,
    staff,
    trust,
)

app_name = "town"
urlpatterns: list[URLPattern] = [
    *sign_in.urlpatterns,
    *profile.urlpatterns,
    *residents.urlpatterns,
    *resident_lists.urlpatterns,
    *households.urlpatterns,
    *places.urlpatterns,
    *duties.urlpatterns,
    *roster.urlpatterns,
    *staff.urlpatterns,
    *trust.urlpatterns,
]
