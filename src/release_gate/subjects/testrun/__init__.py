"""A run of the project's tests under measurement, in the project's own environment.

``session`` starts it, ``events`` reads what the tests did, ``measured`` reads what they
covered, ``config`` reads the project's own coverage settings. The ``worker_*`` modules run
in the project environment: standard library, pytest and coverage only.
"""
