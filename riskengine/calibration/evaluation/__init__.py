"""How a model would have done on projects that it was not trained on, and what is too little to say that."""
