"""Labs: figures that ask first and then move. See `Lab`."""

from hmlib.lab.base import Lab, LabError, Question
from hmlib.lab.controls import Choice, LogSlider, Slider, Steps

__all__ = ["Choice", "Lab", "LabError", "LogSlider", "Question", "Slider", "Steps"]
