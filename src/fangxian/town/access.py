"""Who may see and do what: the only place where that is decided.

What a person may do follows from role and duty. A duty gives the abilities of its role within its
place and all below. Every list starts from `within(...)`, every page and API operation names the
ability it needs with `@needs`, and `tests/web/test_every_door.py` walks all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, F, Func, Model, Q, QuerySet
from django.db.models.lookups import In
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .models import Absence, ApiToken, Duty, Place, Role, Staff, prefix_of

M = TypeVar("M", bound=Model)


class Ability(StrEnum):
    """What can be allowed. One word a door; values are also the scopes of API tokens."""

    SEE_PLACES = "places:see"
    EDIT_PLACES = "places:edit"
    SEE_RESIDENTS = "residents:see"
    EDIT_RESIDENTS = "residents:edit"
    REVEAL = "residents:reveal"
    SEE_DUTIES = "duties:see"
    EDIT_DUTIES = "duties:edit"
    TAKE_IN = "warnings:take_in"
    SEE_EPISODES = "episodes:see"
    CALL = "episodes:call"
    VISIT = "episodes:visit"
    ASSIGN = "episodes:assign"
    REVIEW = "episodes:review"
    EXPORT = "episodes:export"
    SEE_CASES = "cases:see"
    EDIT_CASES = "cases:edit"
    SEE_BOARD = "board:see"
    CONFIGURE = "system:configure"
    EDIT_STAFF = "security:staff"
    TOKENS = "security:tokens"
    AUDIT = "audit:see"
    SEE_RETENTION = "retention:see"


A = Ability
_WORKS = {A.SEE_PLACES, A.SEE_DUTIES, A.SEE_RESIDENTS, A.SEE_EPISODES}
ABILITIES: dict[str, frozenset[Ability]] = {
    Role.LEADER: frozenset(
        _WORKS
        | {A.ASSIGN, A.REVIEW, A.SEE_CASES, A.SEE_BOARD, A.EDIT_DUTIES, A.EXPORT, A.SEE_RETENTION}
    ),
    Role.CLERK: frozenset(
        _WORKS
        | {A.TAKE_IN, A.ASSIGN, A.EXPORT, A.REVEAL, A.EDIT_RESIDENTS, A.EDIT_PLACES}
        | {A.SEE_CASES, A.EDIT_CASES, A.SEE_BOARD, A.EDIT_DUTIES, A.REVIEW, A.SEE_RETENTION}
    ),
    Role.OFFICER: frozenset(
        _WORKS
        | {A.TAKE_IN, A.CALL, A.VISIT, A.REVEAL, A.EDIT_RESIDENTS}
        | {A.SEE_CASES, A.EDIT_CASES, A.SEE_BOARD}
    ),
    Role.VILLAGE: frozenset(_WORKS | {A.VISIT, A.REVEAL, A.EDIT_RESIDENTS, A.SEE_BOARD}),
    Role.GRID: frozenset(_WORKS | {A.VISIT, A.REVEAL}),
    Role.EDUCATOR: frozenset({A.SEE_PLACES, A.SEE_BOARD}),
    # The three administrators see no resident and no episode at all.
    Role.SYSTEM: frozenset({A.SEE_PLACES, A.CONFIGURE}),
    Role.SECURITY: frozenset({A.SEE_PLACES, A.SEE_DUTIES, A.EDIT_STAFF, A.TOKENS}),
    Role.AUDITOR: frozenset({A.SEE_PLACES, A.AUDIT, A.SEE_RETENTION}),
}
# Roles that one person may never hold together (等保 2.0: separated administrators).
SEPARATED = (Role.SYSTEM, Role.SECURITY, Role.AUDITOR)


@dataclass(frozen=True)
class Grant:
    """One reason why something is allowed: an ability in an area (a prefix of place codes)."""

    ability: Ability
    prefix: str


class Access:
    """All that one member of staff or token may do at one moment."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        prefixes: dict[Ability, set[str]] = {}
        for grant in grants:
            prefixes.setdefault(grant.ability, set()).add(grant.prefix)
        # A prefix inside another adds nothing and would only make queries longer.
        self._prefixes = {
            ability: sorted(p for p in found if not any(p != q and p.startswith(q) for q in found))
            for ability, found in prefixes.items()
        }

    def may(self, ability: Ability, code: str | None = None) -> bool:
        """Whether the ability is held: anywhere (`code` None) or at the place with that code."""
        prefixes = self._prefixes.get(ability, [])
        return bool(prefixes) if code is None else any(code.startswith(p) for p in prefixes)

    def check(self, ability: Ability, code: str | None = None) -> None:
        """Raises PermissionDenied unless `may`."""
        if not self.may(ability, code):
            raise PermissionDenied(ability)

    def prefixes(self, ability: Ability) -> list[str]:
        return self._prefixes.get(ability, [])

    def within(self, rows: QuerySet[M], ability: Ability, path: str = "place") -> QuerySet[M]:
        """`rows` narrowed to where `ability` is held; `path` leads to a place ("" for places)."""
        areas = self.prefixes(ability)
        return rows.filter(under(areas, path)) if areas else rows.none()


def under(prefixes: Iterable[str], path: str = "place") -> Q:
    """A place below one of `prefixes` (digits of codes); `path` leads to it, "" for places.

    Codes are compared as ranges, which an index serves on SQLite and PostgreSQL alike (LIKE does
    not). ':' is the character after '9'.
    """
    area = Q(pk__in=[])
    for prefix in prefixes:
        area |= Q(code__gte=prefix, code__lt=prefix + ":")
    if not path:
        return area
    return Q(In(_RowByRow(F(f"{path}_id")), Place.objects.filter(area).values("pk")))


class _RowByRow(Func):
    """A column that is no reason to choose an index.

    SQLite takes any area for a small one: it would gather all rows of all places and sort a whole
    history to show its newest page. Areas are most often the whole town, so the order of the page,
    or what is asked besides, finds the rows better. PostgreSQL counts for itself.
    """

    template = "%(expressions)s"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def duties_in_force(staff: Staff, at: datetime) -> list[Duty]:
    """Own duties and those of colleagues for whom `staff` stands in at the moment `at`."""
    away = Absence.objects.filter(stand_in=staff, starts_at__lte=at, ends_at__gt=at)
    holders = Q(staff=staff) | Q(staff__in=away.values("staff"))
    return list(Duty.objects.at(at).filter(holders).select_related("place", "leads"))


def access_of(who: Staff | ApiToken, at: datetime | None = None) -> Access:
    """What `who` may do now. Kept on the instance: one query a request."""
    kept: Access | None = getattr(who, "_access", None)
    if kept is not None and at is None:
        return kept
    moment = at or timezone.now()
    grants: list[Grant] = []
    if isinstance(who, ApiToken):
        if who.revoked_at is None and who.expires_at > moment:
            prefix = prefix_of(who.place.code, who.place.level)
            grants = [Grant(Ability(s), prefix) for s in who.scopes if s in set(Ability)]
    elif who.is_active:
        for duty in duties_in_force(who, moment):
            prefix = prefix_of(duty.place.code, duty.place.level)
            grants += [Grant(a, prefix) for a in ABILITIES[duty.role]]
    access = Access(grants)
    who._access = access  # type: ignore[union-attr]
    return access


def check(who: Staff | ApiToken | str, ability: Ability, code: str | None = None) -> None:
    """For actions: raises PermissionDenied unless `who` holds `ability` at the place with `code`.

    "system" (the clock, the retention job, a command on the machine itself) may act.
    """
    if isinstance(who, str):
        if who != "system":
            raise PermissionDenied(ability)
        return
    access_of(who).check(ability, code)


def visible_places(who: Staff | ApiToken, ability: Ability = Ability.SEE_PLACES) -> QuerySet[Place]:
    """Places that exist today where `who` holds `ability`."""
    today = Place.objects.at(timezone.localdate())
    return access_of(who).within(today.select_related("parent"), ability, "")


View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request behind `@needs` or `@signed_in`: the user is a member of staff."""

    user: Staff
    # Set by django_htmx: truthy when htmx asks for a fragment.
    htmx: Any


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back. A fragment takes the whole page with it: a form to sign in
    inside a table would help nobody."""
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path())
    here = urlsplit(request.headers.get("HX-Current-URL", "/"))
    back = redirect_to_login(f"{here.path}?{here.query}" if here.query else here.path)
    return HttpResponse(headers={"HX-Redirect": back["Location"]})


def needs(ability: Ability) -> Callable[[View], View]:
    """Marks a page with the ability it needs, and refuses those who hold it nowhere.

    Which objects a page may touch is a second question, answered by `within` in its query.
    """

    def mark(view: View) -> View:
        @functools.wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            assert isinstance(request.user, Staff)  # noqa: S101  the only user model there is
            access_of(request.user).check(ability)
            return view(request, *args, **kwargs)

        door.ability = ability  # type: ignore[attr-defined]
        return door

    return mark


def signed_in(view: View) -> View:
    """Marks a page that every member of staff may open (own profile, own work)."""

    @functools.wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    door.ability = "signed_in"  # type: ignore[attr-defined]
    return door


def public(view: View) -> View:
    """Marks a page that needs no sign-in. Without a mark, a URL fails the walk of the tests."""
    view.ability = "public"  # type: ignore[attr-defined]
    return view
