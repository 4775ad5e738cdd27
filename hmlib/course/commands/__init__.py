"""What can be done with the course as a whole, one module a command: see `hmlib.course.__main__`."""
