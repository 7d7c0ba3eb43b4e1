"""From what platforms say to rows: shared by the import of files and by the sync.

A payload is read by declared shapes (`shapes`, `reading`) into a staging place that merges all
copies of a thing (`staging`); then one transaction compares and writes (`writing`). Nothing here
knows a platform: its words are in a folder of its name.
"""
