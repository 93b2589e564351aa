"""Exercises of the chapter *Architectures*: the blocks of ResNet and MobileNet, and the receptive field of a stack."""
