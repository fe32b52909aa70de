"""Signing in by an OpenID Connect provider, where the installation names one."""
