"""The application for web servers and for `flask --app wsgi`."""

from crm import create_app

app = create_app()
