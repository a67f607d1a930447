"""The security administrator's page of webhooks: which there are, and an end to one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.town.access import Ability, StaffRequest, needs
from fangxian.warn.actions.webhooks import end_webhook
from fangxian.warn.queries.webhooks import visible_webhooks, webhooks_shown

EVENTS = {
    "episode.opened": _l("新警情"),
    "episode.closed": _l("警情办结"),
    "case.recorded": _l("新案件"),
}


@needs(Ability.TOKENS)
def webhooks(request: StaffRequest) -> HttpResponse:
    """Every webhook of the tokens one looks after; a POST with its number ends one."""
    if request.method == "POST":
        number = request.POST.get("hook", "")
        if not number.isascii() or not number.isdigit() or len(number) > 18:
            raise Http404
        end_webhook(request.user, get_object_or_404(visible_webhooks(request.user), pk=number))
        messages.success(request, _("回调已停用，在途的事件不再发送。"))
        return redirect("warn:webhooks")
    rows = [
        (shown, [EVENTS.get(e, e) for e in shown.hook.events])
        for shown in webhooks_shown(request.user)
    ]
    return render(request, "warn/webhooks.html", {"webhooks": rows})


urlpatterns: list[URLPattern] = [path("webhooks/", webhooks, name="webhooks")]
