"""The site's doors and one more: a bare page over the ORM, the yardstick of the benchmark."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from fangxian.town.models import Resident
from fangxian.web.urls import urlpatterns as doors

_PAGE = engines["django"].from_string(
    "<ul>{% for r in rows %}<li>{{ r.pk }} {{ r.birth_year }}</li>{% endfor %}</ul>"
)


def bare(request: HttpRequest) -> HttpResponse:
    """Fifty rows by primary key, a list, no shell: as little as a Django page can do."""
    return HttpResponse(_PAGE.render({"rows": Resident.objects.order_by("-pk")[:50]}, request))


bare.ability = "public"  # type: ignore[attr-defined]
urlpatterns = [path("bare/", bare, name="bare"), *doors]
