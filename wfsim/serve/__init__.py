"""Puts an app on a port: the functions host for local work and for end-to-end tests over HTTP."""
