"""Questions, quantities and rules: read from YAML with positions, checked, extended, written as one JSON."""
