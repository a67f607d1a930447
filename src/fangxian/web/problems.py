"""How a failure below /api/ is said: problem+json (RFC 9457), whoever failed.

An operation, Ninja, a middleware or Django itself: a machine that reads JSON never gets a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

MEDIA_TYPE = "application/problem+json"
# How many wrong fields one answer names.
MOST_NAMED = 5

# What each status is called: one title for all problems of a status.
TITLES: dict[int, Promise] = {
    400: _l("请求有误"),
    401: _l("没有有效的密钥"),
    403: _l("没有权限"),
    404: _l("没有找到"),
    405: _l("不支持这个方法"),
    409: _l("与现状冲突"),
    413: _l("请求太大"),
    415: _l("正文格式不支持"),
    422: _l("内容有误"),
    429: _l("请求太频繁"),
    500: _l("系统出错了"),
    501: _l("这台服务器没有装这项功能"),
}
# Code and sentence of a failure that nobody described more closely.
UNNAMED: dict[int, tuple[str, Promise]] = {
    400: ("bad-request", _l("看不懂这个请求，请检查网址、请求头和正文。")),
    401: ("no-token", _l("请带上有效的密钥：Authorization: Bearer <密钥>。")),
    403: ("forbidden", _l("不允许在这里做这件事。")),
    404: ("not-found", _l("这个网址下没有内容。网址末尾不带斜杠。")),
    405: ("method-not-allowed", _l("这个网址不支持这个方法；支持哪些见 Allow 头。")),
    413: ("too-large", _l("正文太大，请分几次发送。")),
    415: ("not-json", _l("正文应为 JSON：Content-Type: application/json。")),
    429: ("too-many", _l("请求太频繁，请稍后再试。")),
    500: ("server-error", _l("请过一分钟再试；用同一个 Idempotency-Key 重发不会做两遍。")),
}
# What was expected of a field, by pydantic's name of the mistake; the names of its limits are
# pydantic's, too.
EXPECTED: dict[str, Promise] = {
    "missing": _l("必填"),
    "string_type": _l("应为文字"),
    "string_unicode": _l("应为完整的 Unicode 文字"),
    "string_too_short": _l("至少 %(min_length)s 个字符"),
    "string_too_long": _l("最多 %(max_length)s 个字符"),
    "string_pattern_mismatch": _l("应符合 %(pattern)s"),
    "literal_error": _l("应为以下之一：%(expected)s"),
    "int_parsing": _l("应为整数"),
    "int_parsing_size": _l("数字太大"),
    "greater_than_equal": _l("应不小于 %(ge)s"),
    "less_than_equal": _l("应不大于 %(le)s"),
    "less_than": _l("应小于 %(lt)s"),
    "signal_name": _l("应以字母开头，只含字母、数字和 _ . -，最多 60 个字符，不能有连着五位的数字"),
    "unknown_field": _l("应为对象，可用的有：%(known)s"),
    "list_type": _l("应为数组"),
    "too_short": _l("至少 %(min_length)s 项"),
    "too_long": _l("最多 %(max_length)s 项"),
}


def problem(status: int, code: str = "", detail: str = "") -> HttpResponse:
    """An answer that is an error; code and detail are the status's own where none are given."""
    usual_code, usual_detail = UNNAMED.get(status, ("http", ""))
    title = str(TITLES.get(status) or HTTPStatus(status).phrase)
    body = {
        "type": f"urn:fangxian:problem:{code or usual_code}",
        "title": title,
        "status": status,
        "detail": str(detail or usual_detail or title),
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def invalid(errors: Sequence[dict[str, Any]]) -> HttpResponse:
    """Fields that are wrong, each with its place and what was expected; 422 where the body is.

    What was sent may be personal data: it is never repeated.
    """
    said = [f"{_place(e['loc'])}: {_expected(e)}" for e in errors[:MOST_NAMED]]
    in_body = any(e["loc"][0] == "body" for e in errors)
    return problem(422 if in_body else 400, "invalid", "; ".join(said))


def _place(where: Sequence[str | int]) -> str:
    """`("body", "data", "warnings", 0, "phones")` -> `warnings[0].phones`: as the caller wrote it."""
    source, *steps = where
    if source == "body":
        steps = steps[1:]  # the name that the operation gave its body
    text = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    return text.removeprefix(".") or str(source)


def _expected(error: dict[str, Any]) -> str:
    kind = error["type"]
    if kind.startswith("datetime"):
        return _("应为时间，例如 2026-01-31T08:00:00+08:00")
    limits: dict[str, Any] = error.get("ctx", {})
    return str(EXPECTED.get(kind) or _("格式不对")) % limits


class ProblemMiddleware:
    """The outermost: turns what is an error page below /api/ into a problem, in place, so that
    the headers that came with it (Allow, Retry-After, security) stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        ours = f"{request.path_info}/".startswith("/api/")
        if not ours or answer.status_code < 400 or answer.headers.get("Content-Type") == MEDIA_TYPE:
            return answer
        # Refused before a language was chosen, the thread still speaks the last caller's.
        language = translation.get_language_from_request(request)
        with translation.override(language):
            answer.content = problem(answer.status_code).content
        answer.headers["Content-Type"] = MEDIA_TYPE
        answer.headers["Content-Language"] = language
        answer.headers["Content-Length"] = str(len(answer.content))
        return answer
