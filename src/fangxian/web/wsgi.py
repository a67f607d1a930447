"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from fangxian.web.turns import short_turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.web.settings")
short_turns()
application = get_wsgi_application()
