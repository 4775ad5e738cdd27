"""The course as assignments of other people's graders: a file for each, and what they share.

They run a hand-in in one kernel with the checks beside it, and so they believe a hand-in that
patches the checks; `hmlib.course.marking` is there for whoever cannot trust what comes.
"""
