"""Exercises of the chapter *Interpretation*: looking into a network, and what may be concluded."""

from . import activation_maps, grad_cam, occlusion_map, train_detector

EXERCISES = tuple(module.EXERCISE for module in (activation_maps, occlusion_map, grad_cam, train_detector))
