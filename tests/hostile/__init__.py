"""Files that wish us ill, made by the thousand: models, descriptions, and a watchman.

`python -m scripts.hostile_files` is the long form of the tests in here.
"""
