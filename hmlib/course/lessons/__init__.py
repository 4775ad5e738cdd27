"""What a teacher needs for lessons: exam papers, tests, the bank of slips, slides."""
