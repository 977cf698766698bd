"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
os.environ.setdefault("RATINGS_STATEMENT_SECONDS", "60")
gc.disable()
application = get_wsgi_application()
# All pages are loaded now, not by the first request: a process that is ready answers at once.
get_resolver().check()
# What is loaded stays: nobody looks for garbage in it, and processes go on sharing its memory.
gc.freeze()
gc.enable()
