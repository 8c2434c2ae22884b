"""The static site: one page per company and segment, and pages about the publication itself.

`write.py` decides which pages there are and writes those that changed; every other module makes one
kind of page, or one part of it, from rows of the marts.
"""
