"""The kinds of telecom and online fraud, each told as it meets the person it is aimed at.

One kind is one YAML file in this folder; `names.yaml` holds what is needed before any of
them is opened: names and the spellings senders use. Nothing here imports Django.
"""

from fangxian.detect.kinds.book import KINDS, OTHER, Kind, Myth, Question, kind
from fangxian.detect.kinds.names import kind_choices, kind_name, match_kind
from fangxian.detect.kinds.stages import Moment, Stage
from fangxian.detect.kinds.words import Words

__all__ = [
    "KINDS",
    "OTHER",
    "Kind",
    "Moment",
    "Myth",
    "Question",
    "Stage",
    "Words",
    "kind",
    "kind_choices",
    "kind_name",
    "match_kind",
]
