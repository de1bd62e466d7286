"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# This suite runs on shared and noisy machines: a slow example is no failure.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
