"""Is a subscriber likely to be used for fraud? A score from call, message, data and bill aggregates.

For operators, who alone have the legal power to score such records; a town does not. A score is a
lead and never a decision (NO_DECISION): on the competition's table it finds 84 in 100 frauds and
would call 23 in 1,000 others one, so that where one in 1,000 is a fraud, 97 in 100 alarms are false. Training and scoring need the extra `fangxian[subscriber]`.
"""

from .columns import Column, aspects, columns
from .evaluation import Evaluation, evaluate
from .learning import ExtraMissing
from .model import NO_DECISION, Model, Score, train
from .scoring import score
from .table import Subscribers, TableError, read_table

__all__ = [
    "NO_DECISION",
    "Column",
    "Evaluation",
    "ExtraMissing",
    "Model",
    "Score",
    "Subscribers",
    "TableError",
    "aspects",
    "columns",
    "evaluate",
    "read_table",
    "score",
    "train",
]
