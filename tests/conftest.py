"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Elsewhere each run looks at new examples; where a change is judged, all look at the same few.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")
