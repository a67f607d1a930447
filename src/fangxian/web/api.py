"""The API: one OpenAPI 3.1 document, made of what each room offers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from fangxian.town.api import Problem, TokenAuth
from fangxian.town.api import router as town_router
from fangxian.warn.api import router as warnings_router
from fangxian.warn.api_episodes import router as episodes_router
from fangxian.warn.api_webhooks import router as webhooks_router


class _Api(NinjaAPI):
    """Says in its document that errors are problem+json, which Ninja has no word for."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        document = super().get_openapi_schema(**kwargs)
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        problem = answer["content"].pop("application/json", None)
                        if problem:
                            answer["content"]["application/problem+json"] = problem
        return document


api = _Api(
    title="Fangxian",
    version="1",
    description=(
        "Warnings in, results out. Authenticate with `Authorization: Bearer <token>`; a token has "
        "scopes and an area. Errors are problem+json (RFC 9457). Lists are cursor pages. Personal "
        "data is masked."
    ),
    urls_namespace="api",
    docs_url=None,
    auth=TokenAuth(),
)
for router in (town_router, warnings_router, episodes_router, webhooks_router):
    api.add_router("", router)


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    body = {
        "type": f"urn:fangxian:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(Problem)
def _ours(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return _problem(problem.status, problem.code, problem.detail)


@api.exception_handler(AuthenticationError)
def _who(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    answer = _problem(401, "no-token", "Send a valid token: Authorization: Bearer <token>.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    # The value that was wrong may be personal data: say where and what was expected, not it.
    said = "; ".join(
        f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors[:5]
    )
    return _problem(422, "invalid", said)


@api.exception_handler(HttpError)
def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(error.status_code, "http", str(error))


@api.exception_handler(PermissionDenied)
def _denied(_request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
    return _problem(403, "forbidden", "This token may not do that here.")


@api.exception_handler(Http404)
def _missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return _problem(404, "not-found", "Nothing here.")
