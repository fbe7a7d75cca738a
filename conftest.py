"""What pytest leaves out of its search for examples in docstrings."""

import sys

# durable-rules can't be imported there; the built-in closure runs in its place, and tests say so
collect_ignore = ["riskengine/engines/durable_rails.py"] if sys.version_info >= (3, 13) else []
