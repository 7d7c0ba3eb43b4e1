"""Auth0: its words, as tables and pure functions."""
