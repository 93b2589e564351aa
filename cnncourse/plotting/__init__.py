"""Pictures in one style: images, kernels, feature maps and curves.

Every function takes tensors or arrays, draws into the ``ax`` it is given or into a new figure, and returns the
Axes. Nothing is shown and nothing is saved: end a notebook cell with ``plt.show()``.

Two rules keep the pictures comparable. Intensities are grey; signed values are red (negative) to blue (positive) with
white at zero. Pictures side by side share one scale.
"""

from cnncourse.palette import GRADIENT, INPUT, KERNEL, OUTPUT, SERIES
from cnncourse.plotting.curves import plot_lines, show_history
from cnncourse.plotting.images import ring, show_confusion_matrix, show_image, show_kernel, show_maps
from cnncourse.plotting.style import use_style

__all__ = [
    "GRADIENT",
    "INPUT",
    "KERNEL",
    "OUTPUT",
    "SERIES",
    "plot_lines",
    "ring",
    "show_confusion_matrix",
    "show_history",
    "show_image",
    "show_kernel",
    "show_maps",
    "use_style",
]
