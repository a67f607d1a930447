"""The API: one OpenAPI 3.1 document, made of what each room offers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from fangxian.ask.api import router as check_router
from fangxian.report.api import router as reports_router
from fangxian.town.api import Problem, TokenAuth
from fangxian.town.api import router as town_router
from fangxian.warn.api import router as warnings_router
from fangxian.warn.api_episodes import router as episodes_router
from fangxian.warn.api_webhooks import router as webhooks_router

from .problems import MEDIA_TYPE, invalid, problem


class _Json(Parser):
    """Reads bodies that say they are JSON, and no others."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise HttpError(415, "")
        return super().parse_body(request)


class _Api(NinjaAPI):
    """Says in its document that errors are problem+json, which Ninja has no word for."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        document = super().get_openapi_schema(**kwargs)
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
        return document


api = _Api(
    title="Fangxian",
    version="1",
    description=(
        "Warnings in, results out; and is this fraud? Authenticate with `Authorization: Bearer <token>`; a token has "
        "scopes and an area. Errors are problem+json (RFC 9457), in the language asked for by "
        "`Accept-Language` (zh-hans, en). Lists with `next` are cursor pages. Personal data is "
        "masked. Methods that a path does not offer get 405."
    ),
    urls_namespace="api",
    docs_url=None,
    # The document is a page to Django, which asks of a POST where it comes from before it says 405.
    docs_decorator=lambda view: csrf_exempt(require_safe(view)),
    auth=TokenAuth(),
    parser=_Json(),
)
for router in (
    town_router, warnings_router, episodes_router, webhooks_router, reports_router, check_router
):  # fmt: skip
    api.add_router("", router)


@api.exception_handler(Problem)
def _ours(_request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(error.status, error.code, error.detail)


@api.exception_handler(AuthenticationError)
def _who(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    answer = problem(401)
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return invalid(error.errors)


@api.exception_handler(HttpError)
def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    # Ninja takes whatever a parser raises for a body it could not read.
    cause = error.__cause__
    return problem(cause.status_code if isinstance(cause, HttpError) else error.status_code)


@api.exception_handler(RequestDataTooBig)
def _too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(413)


@api.exception_handler(PermissionDenied)
def _denied(_request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    return problem(403)


@api.exception_handler(Http404)
def _missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404)
