"""Looking inside a trained network, with methods that are first tried where the answer is known.

Chapter *Interpretation*. Outputs of a layer: `activation_maps`, `strongest_patches`, `receptive_field_map`. Evidence
for a class: `occlusion_map`, `saliency_map`, `grad_cam_map`. Tests of such evidence: `make_planted`,
`localisation_score`, `weight_randomisation`. Every function works in eval mode and leaves the model as it was.
"""

from .activations import Patches, activation_maps, strongest_patches
from .detectors import train_detector
from .gradients import grad_cam, grad_cam_map, saliency_map
from .hooks import Passes, capture, counted_passes
from .occlusion import occlusion_map, spread_patches
from .planted import MARK_CLASSES, Planted, localisation_score, make_planted
from .receptive_field import Window, receptive_field_map, window_of
from .sanity import map_similarity, shuffled_weights, weight_randomisation

__all__ = [
    "MARK_CLASSES",
    "Passes",
    "Patches",
    "Planted",
    "Window",
    "activation_maps",
    "capture",
    "counted_passes",
    "grad_cam",
    "grad_cam_map",
    "localisation_score",
    "make_planted",
    "map_similarity",
    "occlusion_map",
    "receptive_field_map",
    "saliency_map",
    "shuffled_weights",
    "spread_patches",
    "strongest_patches",
    "train_detector",
    "weight_randomisation",
    "window_of",
]
