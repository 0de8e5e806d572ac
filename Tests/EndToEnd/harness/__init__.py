"""What the black-box tests and benchmarks stand on.

Python's standard library only: nothing here shares code with Custos, and nothing here is compiled.
"""
