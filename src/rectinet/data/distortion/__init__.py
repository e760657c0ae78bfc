"""Random distortions of handwritten characters, and an endless stream of distorted examples.

A stand-in for NISTP, the paper's largest image set: the characters of NIST SD19 under the
distortions that Y. Bengio et al., "Deep Learners Benefit More from Out-of-Distribution Examples"
(AISTATS 2011), list. The families are theirs, the ranges our own, chosen by looking at the images.
"""

from rectinet.data.distortion.compose import DISTORTIONS, distort
from rectinet.data.distortion.interface import Distortion, Pixelwise, Warp
from rectinet.data.distortion.stream import SIDE, DistortionStream

__all__ = [
    "DISTORTIONS",
    "SIDE",
    "Distortion",
    "DistortionStream",
    "Pixelwise",
    "Warp",
    "distort",
]
