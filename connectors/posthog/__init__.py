"""PostHog: its words, as tables and pure functions, and its calls."""
