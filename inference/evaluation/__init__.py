"""How good and how quick everything is, measured: ``python -m inference.evaluation.report``."""
