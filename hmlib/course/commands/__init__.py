"""What `python -m hmlib.course NAME` can do: one module a command, found by its name.

A command is a module of this folder. The first line of its docstring says what it is for;
`add_arguments(parser)` declares what may be typed after its name, and `run(options)` does it and
returns the exit code. A mistake of whoever typed it is a `ValueError`, whose words are printed.
"""
