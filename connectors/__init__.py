"""The outside: files and platforms. Imports the models and nothing of the layers above."""
