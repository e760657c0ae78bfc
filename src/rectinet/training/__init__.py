"""One minibatch loop; pre-training and fine-tuning as two objectives of it."""

from rectinet.training.checkpoint import Checkpoint
from rectinet.training.finetuning import FinetuningOutcome, finetune
from rectinet.training.loop import Loop, Schedule
from rectinet.training.observer import Observer, ProgressBars, Silent
from rectinet.training.pretraining import pretrain
from rectinet.training.records import EpochRecord, Evaluation
from rectinet.training.settings import (
    PAPER_GRID,
    FinetuningSettings,
    PretrainingSettings,
)
from rectinet.training.stack import Autoencoder, LayerOutcome, PretrainingOutcome
from rectinet.training.supervised import Examples

__all__ = [
    "PAPER_GRID",
    "Autoencoder",
    "Checkpoint",
    "EpochRecord",
    "Evaluation",
    "Examples",
    "FinetuningOutcome",
    "FinetuningSettings",
    "LayerOutcome",
    "Loop",
    "Observer",
    "PretrainingOutcome",
    "PretrainingSettings",
    "ProgressBars",
    "Schedule",
    "Silent",
    "finetune",
    "pretrain",
]
