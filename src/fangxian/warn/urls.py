"""Doors of the first line, in the order of the walk."""

from django.urls import URLPattern

from .views import after, call, cases, desk, episodes, intake, settings, visit, webhooks

app_name = "warn"
urlpatterns: list[URLPattern] = [
    *intake.urlpatterns,
    *desk.urlpatterns,
    *episodes.urlpatterns,
    *call.urlpatterns,
    *visit.urlpatterns,
    *after.urlpatterns,
    *cases.urlpatterns,
    *settings.urlpatterns,
    *webhooks.urlpatterns,
]
