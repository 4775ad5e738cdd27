"""The answers: one file a notebook, each a textbook solution. Only the checks read them."""
