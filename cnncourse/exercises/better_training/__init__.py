"""Exercises of the chapter *Better training*: augmentation, weight averaging and calibration."""
