"""Signing in and out, second factors, sessions, one's own profile."""
