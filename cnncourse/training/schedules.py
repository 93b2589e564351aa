"""Learning rate schedules: functions from the share of the training that is done (0..1) to a factor of the rate.

A function of one number needs no state: nothing to save with a checkpoint, and the share may be counted in
batches or in seconds.
"""

from cnncourse.tensors import as_number


def constant(progress: float) -> float:
    """The full learning rate throughout.

    Examples
    --------
    >>> constant(0.9)
    1.0
    """
    as_number(progress, "progress", low=0, high=1)
    return 1.0


def one_cycle(progress: float) -> float:
    """Rise in a straight line over the first quarter, then fall in a straight line to 0.

    The small steps at the start let the statistics of an untrained network settle; the small steps at the end reduce
    the noise of the last updates.

    References
    ----------
    Smith and Topin, "Super-Convergence" (2017), https://arxiv.org/abs/1708.07120.

    Examples
    --------
    >>> [round(one_cycle(progress), 2) for progress in (0.0, 0.25, 0.625, 1.0)]
    [0.05, 1.0, 0.5, 0.0]
    """
    progress = as_number(progress, "progress", low=0, high=1)
    warm_up, lowest = 0.25, 0.05  # an Adam step at rate 0 would waste the first batch
    if progress < warm_up:
        return lowest + (1 - lowest) * progress / warm_up
    return (1 - progress) / (1 - warm_up)
