"""A simulation that judges the recipe of the probability: made-up worlds in which the truth is known.

python -m benchmarks.simulation.run --repetitions 10
python -m benchmarks.simulation.table --write
"""
