"""The pages and addresses of the photos app."""
