"""Exercises of the chapter *Channels*: what a layer costs, how it mixes colours, and how images are laid out."""
