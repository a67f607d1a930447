"""Is this caller really the police? A page that anyone may open, and that tells nobody anything
about any resident."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from fangxian.town.access import Ability, StaffRequest, access_of, needs, public
from fangxian.town.codes import code_of

from .queries import CODE_DIGITS, codes_at_the_counter, digits_of, speakers_of
from .tries import Tries


@public
@never_cache
@sensitive_post_parameters("code")
def caller(request: HttpRequest) -> HttpResponse:
    """Type the six digits that the caller said; the answer names the body and the role."""
    if request.method != "POST":
        return render(request, "ask/caller.html")
    tries = Tries(request)
    if tries.too_many():
        return render(request, "ask/caller.html", {"slow": True}, status=429)
    code = digits_of(request.POST.get("code", "")[:40])
    if len(code) != CODE_DIGITS:
        error = _("请输入对方说的六位口令。")
        return render(request, "ask/caller.html", {"error": error}, status=422)
    speakers = speakers_of(code)
    answer = render(request, "ask/caller.html", {"asked": True, "speakers": speakers})
    if not speakers:
        tries.note_wrong(answer)
    return answer


@public
def rights(request: HttpRequest) -> HttpResponse:
    """What is kept about a resident, for how long, and how to appeal."""
    return render(request, "ask/rights.html")


# Those who speak to residents are those who may visit (tests/ask holds the two together).
@needs(Ability.VISIT)
@never_cache
def my_code(request: StaffRequest) -> HttpResponse:
    """One's own code of today, large enough to be read from a phone held out at a door."""
    code = code_of(request.user, timezone.localdate())
    counter = access_of(request.user).may(Ability.CALL)
    return render(request, "ask/my_code.html", {"code": " ".join(code), "counter": counter})


@needs(Ability.CALL)
@never_cache
def code_list(request: StaffRequest) -> HttpResponse:
    """Today's codes of all who speak to residents in the town, to be printed for the counter."""
    context = {"codes": codes_at_the_counter(request.user), "today": timezone.localdate()}
    return render(request, "ask/code_list.html", context)
