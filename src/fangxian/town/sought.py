"""What somebody seeks, a name or a number, stands in no address, where browsers, proxies and logs
keep it: it is posted, lies sealed in the session, and is forgotten after a while."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .sealed import CannotOpen, seal, unseal

# How long the pages of what was found can be turned.
SECONDS = 30 * 60
LONGEST = 80


def seek(request: HttpRequest, page: str, text: str, filters: Mapping[str, str]) -> HttpResponse:
    """Keep the posted `text` for the list called `page`, and go on to the address asked for, with
    the `filters` that are not empty alone."""
    text = text.strip()[:LONGEST]
    query = {name: value for name, value in filters.items() if value}
    request.session.pop(_key(page), None)
    if text:
        sealed = base64.b64encode(seal(text, _key(page))).decode()
        request.session[_key(page)] = {"text": sealed, "at": time.time()}
        query["sought"] = "1"
    return redirect(f"{request.path}?{urlencode(query)}".rstrip("?"))


def sought(request: HttpRequest, page: str) -> str:
    """What was sought last on `page`, for addresses of that search (`?sought=1`); "" for others."""
    kept = request.session.get(_key(page))
    if request.GET.get("sought") != "1" or not kept or time.time() - kept["at"] > SECONDS:
        return ""
    try:
        return unseal(base64.b64decode(kept["text"]), _key(page))
    except CannotOpen:
        return ""


def _key(page: str) -> str:
    return f"sought.{page}"
