"""What is this telephone number, and which numbers stand in this text?"""

from .finding import numbers_in
from .number import look_at_number
from .view import NumberKind, NumberView

__all__ = ["NumberKind", "NumberView", "look_at_number", "numbers_in"]
