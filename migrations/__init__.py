"""Schema changes, in order. Imports models only."""
