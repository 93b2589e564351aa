"""Interactive figures: widgets in JupyterLab, live figures without a kernel in the book.

>>> from cnncourse.figures import ConvolutionExplorer
>>> ConvolutionExplorer(kernel_size=3, stride=2).query()
's=2'
"""

from .base import Figure
from .convolution_explorer import ConvolutionExplorer
from .im2col_unfolded import Im2colUnfolded
from .inside_network import InsideNetwork
from .kernels_on_photo import KernelsOnPhoto
from .pooling_explorer import PoolingExplorer
from .prediction import predict
from .receptive_field import ReceptiveField
from .training_replay import TrainingReplay

__all__ = [
    "ConvolutionExplorer",
    "Figure",
    "Im2colUnfolded",
    "InsideNetwork",
    "KernelsOnPhoto",
    "PoolingExplorer",
    "ReceptiveField",
    "TrainingReplay",
    "predict",
]
