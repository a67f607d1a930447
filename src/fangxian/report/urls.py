"""The board."""

from django.urls import URLPattern, path

from . import views

app_name = "report"
urlpatterns: list[URLPattern] = [
    path("", views.board, name="board"),
    path("print/", views.document, name="document"),
    path("export/", views.export, name="export"),
]
