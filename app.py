"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.routes import ROUTES
from chalicelib.entry.triggers import TRIGGERS

app = Chalice(app_name="lastmile")

for module in (*ROUTES, *TRIGGERS):
    app.register_blueprint(module.bp)
