"""The process: settings, HTTP, limits, logs and the command line around the graph."""
