"""Boards and reports: see urls.py."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fangxian.town.access import Ability, needs


@needs(Ability.SEE_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "report/board.html")


@needs(Ability.SEE_BOARD)
def document(request: HttpRequest) -> HttpResponse:
    return render(request, "report/board.html")
