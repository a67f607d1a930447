"""Doors of the town."""

from django.urls import URLPattern

app_name = "town"
urlpatterns: list[URLPattern] = []
