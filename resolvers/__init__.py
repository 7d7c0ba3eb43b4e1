"""How to read the graph and how to change it. Knows models and connectors, never the schema."""
