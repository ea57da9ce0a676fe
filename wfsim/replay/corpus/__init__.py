"""Histories as small text files that people review, and the set of them that covers an app."""
