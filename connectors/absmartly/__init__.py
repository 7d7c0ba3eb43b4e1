"""ABsmartly: its words, as tables and pure functions."""
