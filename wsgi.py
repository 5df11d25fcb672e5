"""The application for web servers and for `flask --app wsgi`."""

import config
from crm import create_app

app = create_app(config.load_or_end())
