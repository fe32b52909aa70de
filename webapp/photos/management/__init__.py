"""Commands of the photos app."""
