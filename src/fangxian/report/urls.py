"""The board, and how precise each signal of the watch was found."""

from django.urls import URLPattern, path

from .views import board, signals

app_name = "report"
urlpatterns: list[URLPattern] = [
    path("", board.board, name="board"),
    path("print/", board.document, name="document"),
    path("export/", board.export, name="export"),
    path("signals/", signals.signals, name="signals"),
    path("signals/print/", signals.document, name="signals_document"),
    path("signals/export/", signals.export, name="signals_export"),
]
