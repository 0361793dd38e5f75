"""Each claim of speed as a script that anyone can run: `python -m benchmarks`, or `python -m benchmarks overhead`."""
