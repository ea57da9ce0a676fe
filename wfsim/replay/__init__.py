"""Replays what production recorded against the code of today, before it is deployed."""
