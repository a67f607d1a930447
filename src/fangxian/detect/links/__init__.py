"""What is this link? Its name, its owner and what it is made to look like; nothing is fetched."""

from .look import BASE_RATE, LinkKind, LinkView, links_in, look_at_link

__all__ = ["BASE_RATE", "LinkKind", "LinkView", "links_in", "look_at_link"]
