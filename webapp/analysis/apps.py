"""Django's entry to the analysis app."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Encore's analysis."""

    name = "webapp.analysis"
    label = "analysis"
