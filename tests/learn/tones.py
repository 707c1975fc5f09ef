"""The recipe of a small training: three tones, known from each other in seconds."""

from __future__ import annotations

RECIPE = """
architecture: judge
name: tones
title: Three tones
licence: CC0
photographs: {folders: [things], epsilon: 0.2}
stored: 40
stages: [{side: 32, steps: 30}]
batch: 4
measure: 15
keep: 5
device: cpu
precision: float32
"""
