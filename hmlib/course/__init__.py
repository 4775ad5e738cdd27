"""The course: what stands behind each notebook, in a folder of its own, and what several share."""
