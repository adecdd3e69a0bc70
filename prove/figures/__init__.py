"""One module a topic; every function marked with `@figure` is one line of `make prove`."""
