"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Elsewhere each run looks at new examples; where a change is judged, all runs look at the same.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")
