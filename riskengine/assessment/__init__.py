"""Answers in, an assessment out: the reference sample, scores, ranges, ends, proofs, the model file."""
