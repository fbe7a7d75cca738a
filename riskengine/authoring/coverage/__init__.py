"""What of a pack its examples and tests exercise: rules, disjuncts of their conditions, and levels of questions."""
