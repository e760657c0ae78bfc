"""Thin scikit-learn estimators over the one training path."""

from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.loading import Estimator, load, load_with_extra
from rectinet.estimators.pretraining import Choice
from rectinet.estimators.regressor import RectifierRegressor
from rectinet.estimators.scaling import InputScaling, fit_scaling

__all__ = [
    "Choice",
    "Estimator",
    "InputScaling",
    "RectifierClassifier",
    "RectifierRegressor",
    "StackedDenoisingAutoencoder",
    "fit_scaling",
    "load",
    "load_with_extra",
]
