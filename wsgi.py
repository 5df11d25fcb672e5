"""The application for web servers and for `flask --app wsgi`."""

from whitenoise import WhiteNoise

from config import ROOT
from crm import create_app

YEAR = 365 * 24 * 3600

app = create_app()
app.wsgi_app = WhiteNoise(app.wsgi_app, root=ROOT / "static", prefix="static/", max_age=YEAR)  # type: ignore[method-assign]
