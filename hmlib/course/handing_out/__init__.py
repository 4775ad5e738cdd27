"""Handing out: the student's edition, in which no answer can be found, and the teacher's."""
