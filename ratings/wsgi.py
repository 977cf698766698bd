"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
os.environ.setdefault("RATINGS_STATEMENT_SECONDS", "60")
application = get_wsgi_application()
