"""What `start.py` does once the Python is known to be new enough; the standard library only."""
