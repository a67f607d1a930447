"""Whose bubble: the sides of a conversation, told by where bubbles stand and what colour they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from .reading import Found

Side = Literal["left", "right", ""]
Block = list[Found]
Colour = tuple[int, int, int]
# Colours nearer than this are one paper: JPEG and a bubble's shade move them less.
_ONE_PAPER = 14
# In widths of the picture: bubbles of the one side begin before, of the other end behind these
# places, for chat apps keep room for a face on either side; edges nearer than the third are one;
# the last, how far the margins of what is written in the middle (times, notices) may differ.
_BEGIN, _END, _EDGE, _MIDDLE = 0.35, 0.7, 0.025, 0.04


class _Spot(NamedTuple):
    left: float
    right: float
    high: float
    paper: Colour
    size: int


def sides_of(blocks: list[Block], wide: int) -> list[Side]:
    """The side of each block in a picture `wide` pixels across; "" for all where it is not plain.

    Plain is: blocks that begin at one place on the left, others that end at one place on the
    right, and the two on paper of different colours. The lines of a document are on one paper.
    """
    slack = _EDGE * wide
    spots = [_spot(block) for block in blocks]

    def begins_alike(one: _Spot, other: _Spot) -> bool:
        return abs(one.left - other.left) <= slack and same_paper(one.paper, other.paper)

    def ends_alike(one: _Spot, other: _Spot) -> bool:
        # A wrapped line ends up to a character before its bubble does.
        near = abs(one.right - other.right) <= slack + one.high
        return near and same_paper(one.paper, other.paper)

    theirs = _most_said([spot for spot in spots if spot.left < _BEGIN * wide], begins_alike)
    if theirs is None:
        return [""] * len(blocks)
    own = _most_said(
        [
            spot
            for spot in spots
            if spot.right > _END * wide
            and spot.left > theirs.left + 2 * slack
            and abs(spot.left - (wide - spot.right)) > _MIDDLE * wide
            and not same_paper(spot.paper, theirs.paper)
        ],
        ends_alike,
    )
    if own is None:
        return [""] * len(blocks)
    return [
        "left" if begins_alike(spot, theirs) else "right" if ends_alike(spot, own) else ""
        for spot in spots
    ]


def same_paper(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _ONE_PAPER


def _spot(block: Block) -> _Spot:
    return _Spot(
        min(line.place.left for line in block),
        max(line.place.right for line in block),
        block[0].place.height,
        block[0].paper,
        sum(len(line.text) for line in block),
    )


def _most_said(spots: list[_Spot], alike: Callable[[_Spot, _Spot], bool]) -> _Spot | None:
    """The spot that shares its edge and paper with the most text."""
    return max(
        spots,
        key=lambda one: sum(other.size for other in spots if alike(one, other)),
        default=None,
    )
