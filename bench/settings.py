"""The demo's settings with the benchmark's doors."""

from fangxian.web.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
