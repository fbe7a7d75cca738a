"""Training, evaluating and writing the model: what history says about a pack's weights."""
