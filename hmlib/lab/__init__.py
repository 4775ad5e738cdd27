"""Labs: figures that ask first and then move. See `Lab`; for machines that learn, `Training`."""

from hmlib.lab.base import Frame, Lab, LabError, Question
from hmlib.lab.controls import Choice, Handle, LogSlider, Slider, Steps
from hmlib.lab.live import Training

__all__ = [
    "Choice",
    "Frame",
    "Handle",
    "Lab",
    "LabError",
    "LogSlider",
    "Question",
    "Slider",
    "Steps",
    "Training",
]
