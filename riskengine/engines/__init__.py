"""Executors: a pack and answers in, three-valued findings out."""
