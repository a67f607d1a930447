"""All doors of the house, room by room."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from fangxian.town.access import public

from . import gallery, views
from .api import api

shell: list[URLPattern] = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("elder/", views.elder, name="elder"),
    path("gallery/", gallery.gallery, name="gallery"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((shell, "web"))),
    path("language/", public(set_language), name="set_language"),
    path("ask/", include("fangxian.ask.urls")),
    path("work/", include("fangxian.warn.urls")),
    path("board/", include("fangxian.report.urls")),
    path("town/", include("fangxian.town.urls")),
    path("api/v1/", api.urls),
]

handler400 = "fangxian.web.views.bad_request"
