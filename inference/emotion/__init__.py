"""Reads what a face expresses: crop, network, calibrated probabilities, or an honest silence."""
