"""wfsim's pytest plugin.

It is loaded in every test run, so it imports wfsim only when a test uses a simulation.
"""
