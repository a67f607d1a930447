"""The settings with fixed keys and a home of its own: what pytest runs under."""

import atexit
import base64
import os
import shutil
import tempfile

if "FANGXIAN_HOME" not in os.environ:
    os.environ["FANGXIAN_HOME"] = tempfile.mkdtemp(prefix="fangxian-test-")
    # Whoever made the folder throws it away; child processes use it by its name.
    atexit.register(shutil.rmtree, os.environ["FANGXIAN_HOME"], ignore_errors=True)
os.environ.update(
    FANGXIAN_MODE="test",
    FANGXIAN_SECRET_KEY="for tests only, long enough for the check of Django itself " * 2,
    FANGXIAN_DATA_KEYS="t1:aes:" + base64.b64encode(bytes(range(32))).decode(),
    FANGXIAN_INDEX_KEY=base64.b64encode(b"index key of the tests, 32 bytes").decode(),
    FANGXIAN_AUDIT_KEY=base64.b64encode(b"audit key of the tests, 32 bytes").decode(),
    FANGXIAN_STATION_PHONE="023-00000110",
    FANGXIAN_LOG="WARNING",
    # Playwright's own loop runs in the test's thread beside Django's synchronous code.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)

from fangxian.web.settings import *  # noqa: F403
