"""Checkmango: its words, as tables and pure functions."""
