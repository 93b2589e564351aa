"""Exercises of the chapter *Channels*: what a layer costs, how it mixes colours, and how images are laid out."""

from . import channel_sums, count_parameters, pointwise_conv, to_channels_first

EXERCISES = tuple(module.EXERCISE for module in (count_parameters, pointwise_conv, channel_sums, to_channels_first))
