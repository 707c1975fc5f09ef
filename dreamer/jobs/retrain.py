"""`retrain`: a network learns a person's own classes from a folder of class folders; the same
command goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from dreamer.engine.execution import decide
from dreamer.engine.lookup import card_of, ref_of
from dreamer.engine.stopping import Stop, listening
from dreamer.errors import DataError, FolderError, Stopped, UsageError
from dreamer.learn import keeping
from dreamer.learn.bottlenecked import Bottlenecks, bottlenecks_of, digested
from dreamer.learn.head import Features, Head
from dreamer.learn.listed import Listed, listed_folder
from dreamer.learn.model import Normalised, grown
from dreamer.learn.photographs import Parts, of_part, read_squares
from dreamer.learn.retraining import (
    Progress,
    fill_head,
    head_learnt,
    progress_from,
    stage_learnt,
)
from dreamer.learn.squares import Squares
from dreamer.learn.view import View, view_of
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.retraining import ParsedRetraining, parse_retraining

log = logging.getLogger("dreamer")
SPOKEN_SECONDS = 10.0
