"""Broken recipes: each answers with its line, its key, and what would have been right."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.facts import Facts
from dreamer.recipe.parse import parse_recipe
from dreamer.recipe.planning import plan

# name: (text, messages after "x.yaml:")
BROKEN: dict[str, tuple[str, list[str]]] = {
    "unknown key": (
        "seed: 1\nascent:\n  stepp: 3\n",
        ["3: ascent.stepp: unknown key; did you mean 'step' or 'steps'?"],
    ),
    "unknown key at the root": (
        "sorce: {noise: pink}\n",
        ["1: sorce: unknown key; did you mean 'source'?"],
    ),
    "unknown key in a keyframe": (
        "motion:\n  zoom:\n    keys:\n      - {at: 0, valu: 1}\n",
        [
            "4: motion.zoom.keys.0.valu: unknown key; did you mean 'value'?",
            "4: motion.zoom.keys.0.value: missing",
        ],
    ),
    "word for a number": (
        "motion: {zoom: fast}\n",
        ["1: motion.zoom: expected a number, not 'fast'"],
    ),
    "true for a number": (
        "motion: {zoom: true}\n",
        ["1: motion.zoom: expected a number, not true"],
    ),
    "word for a whole number": ("seed: lucky\n", ["1: seed: expected a whole number, not 'lucky'"]),
    "unknown motif": (
        "source: {procedural: motif, class: shel}\n",
        ["1: source.class: no motif 'shel'; did you mean 'shell'?"],
    ),
    "motif without a class": (
        "source: {procedural: motif}\n",
        ["1: source.procedural: motif needs a class: {procedural: motif, class: shell}"],
    ),
    "class without a motif": (
        "source: {noise: pink, class: shell}\n",
        ["1: source: class belongs to procedural: motif"],
    ),
    "passes of what no picture turns into": (
        "ascent: {preset: maco, passes: 2}\n",
        ["1: ascent.passes: maco climbs one octave once; say passes: 1"],
    ),
    "negative seed": ("seed: -1\n", ["1: seed: must be at least 0, not -1"]),
    "duplicate key": ("seed: 1\nfps: 24\nseed: 2\n", ["3: seed: given twice, in lines 1 and 3"]),
    "tab": (
        "ascent:\n\tsteps: 3\n",
        [
            "2: not YAML: while scanning for the next token found character '\\t' that cannot start any token"
        ],
    ),
    "tag": (
        "title: !!python/object:os.system x\n",
        [
            "1: title: the tag tag:yaml.org,2002:python/object:os.system is not allowed; "
            "a recipe is plain data"
        ],
    ),
    "merge key": (
        "a: &a {seed: 1}\nascent: {<<: *a}\n",
        ["2: ascent: merge keys (<<) are not YAML 1.2; use extends"],
    ),
    "anchors that explode": (
        "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
            for a, b in zip("abcdef", "bcdefg", strict=True)
        ),
        ["1: more than 20000 values once its anchors are unfolded"],
    ),
    "a list": ("- seed\n", ["1: a recipe is a mapping of keys"]),
    "two documents": (
        "seed: 1\n---\nseed: 2\n",
        ["2: not YAML: expected a single document in the stream but found another document"],
    ),
    "NaN": ("motion: {zoom: .nan}\n", ["1: motion.zoom: is nan, not a finite number"]),
    "infinite key": (
        "length: 9\nmotion:\n  zoom: {keys: [{at: 0, value: .inf}]}\n",
        ["3: motion.zoom.keys: is inf at 0, not a finite number"],
    ),
    "zoom of nothing": ("length: 9\nmotion: {zoom: 0}\n", ["2: motion.zoom: 0 is not above 0"]),
    "schedule out of range": (
        "length: 10s\nfps: 10\nascent:\n  falloff: {expr: t/4}\n",
        ["4: ascent.falloff: 2.025 at frame 81 is above 2"],
    ),
    "keys out of order": (
        "length: 9\nascent:\n  step: {keys: [{at: 2s, value: 1}, {at: 1s, value: 2}]}\n",
        ["3: ascent.step.keys: keys out of order at 1s"],
    ),
    "keys that meet": (
        "length: 9\nfps: 4\nascent:\n  step: {keys: [{at: 4, value: 1}, {at: 1s, value: 2}]}\n",
        ["4: ascent.step.keys: the key at 1s does not come after the one at 4"],
    ),
    "unknown easing": (
        "motion: {zoom: {keys: [{at: 0, value: 1, ease: in_out_sin}]}}\n",
        [
            "1: motion.zoom.keys.0.ease: unknown easing 'in_out_sin'; did you mean 'in_out_sine' or 'in_out_quint'?"
        ],
    ),
    "moment that is none": (
        "motion: {zoom: {keys: [{at: 1.5, value: 1}]}}\n",
        ["1: motion.zoom.keys.0.at: expected a frame (12), seconds (1.5s), 50% or end, not 1.5"],
    ),
    "expression with an attribute": (
        "motion: {rotate: {expr: '().__class__'}}\n",
        ["1: motion.rotate.expr: '().__class__' is not allowed in an expression"],
    ),
    "expression that towers": (
        "motion: {rotate: {expr: '9**9**9**9'}}\n",
        ["1: motion.rotate.expr: '9**9**9**9' is too large at frame 0"],
    ),
    "expression with an unknown name": (
        "motion: {rotate: {expr: 'sine(t)'}}\n",
        ["1: motion.rotate.expr: unknown function 'sine'; did you mean 'sin' or 'sign'?"],
    ),
    "expression that divides by zero": (
        "length: 3s\nfps: 2\nmotion: {rotate: {expr: '1/(n-4)'}}\n",
        ["3: motion.rotate.expr: '1/(n-4)' divides by zero at frame 4"],
    ),
    "expression too long": (
        f"motion: {{rotate: {{expr: '{'t+' * 300}t'}}}}\n",
        ["1: motion.rotate.expr: longer than 500 characters"],
    ),
    "unknown layer": (
        "target:\n  - inception_3b\n  - {layer: inception_4cc}\n",
        [
            "3: target.1.layer: house has no layer 'inception_4cc'; did you mean 'inception_4c' or 'inception_5b'?"
        ],
    ),
    "unknown class": (
        "target: {class: dasy}\n",
        ["1: target.class: house has no class 'dasy'; did you mean 'daisy'?"],
    ),
    "ambiguous class": (
        "target: {class: dome}\n",
        ["1: target.class: 'dome' could be 'dome_inner' or 'dome_outer'; say which"],
    ),
    "class number too large": (
        "target: {class: 6}\n",
        ["1: target.class: house has classes 0 to 5, not 6"],
    ),
    "channel too large": (
        "target: {layer: inception_3b, channels: [3, 160]}\n",
        ["1: target.channels: inception_3b has channels 0 to 159, not 160"],
    ),
    "layer and class": (
        "target: {layer: inception_3b, class: daisy}\n",
        ["1: target: expected either layer or class"],
    ),
    "unknown network": (
        "network: hause\n",
        ["1: network: no network 'hause' in the catalogue (house, big); did you mean 'house'?"],
    ),
    "missing picture": (
        "source: {image: gone.jpg}\n",
        ["1: source.image: no such file: {folder}/gone.jpg"],
    ),
    "two sources": (
        "source: {noise: pink, color: red}\n",
        [
            "1: source: expected one of noise, color, image, procedural, video, folder, collage; found noise and color"
        ],
    ),
    "unknown noise": (
        "source: {noise: pinc}\n",
        [
            "1: source.noise: expected 'white', 'pink', 'brown', 'plasma', 'perlin' or 'voronoi', not 'pinc'; "
            "did you mean 'pink' or 'perlin'?"
        ],
    ),
    "colour": (
        "source: {color: '#12345'}\n",
        ["1: source.color: expected a colour like '#203040', not '#12345'"],
    ),
    "impossible size": (
        "size: [0, 100]\n",
        ["1: size: sides must be 1 to 20000 pixels, not [0, 100]"],
    ),
    "too many pixels": (
        "size: [20000, 20001]\n",
        ["1: size: sides must be 1 to 20000 pixels, not [20000, 20001]"],
    ),
    "three sides": (
        "size: [1, 2, 3]\n",
        ["1: size: expected [width, height] or one number of pixels, not [1, 2, 3]"],
    ),
    "too small for the network": (
        "size: 48\nnetwork: big\n",
        ["1: size: 48×48 is too small: big needs 64 pixels a side"],
    ),
    "frames a second": ("fps: 0\n", ["1: fps: expected 1 to 240 frames a second, not 0"]),
    "length": (
        "length: 20 minutes\n",
        ["1: length: expected 20s, a number of frames, 64 beats, or endless, not '20 minutes'"],
    ),
    "end of an endless film": (
        "length: endless\nmotion: {zoom: {keys: [{at: 0, value: 1}, {at: end, value: 2}]}}\n",
        ["2: motion.zoom.keys: an endless film has no end to count from; use seconds or frames"],
    ),
    "progress of an endless film": (
        "length: endless\nmotion: {rotate: {expr: u}}\n",
        ["2: motion.rotate.expr: an endless film has no end: u and length mean nothing in it"],
    ),
    "unknown preset": (
        "ascent: {preset: deepdream}\n",
        [
            "1: ascent.preset: unknown preset 'deepdream'; did you mean 'deepdraw' or 'deepdream-2015'?"
        ],
    ),
    "quality": ("output: {crf: 99}\n", ["1: output.crf: must be at most 51, not 99"]),
    "several at once": (
        "seed: x\nascent: {stpes: 3}\nmotion: {zoom: fast}\nfps: 500\n",
        [
            "1: seed: expected a whole number, not 'x'",
            "2: ascent.stpes: unknown key; did you mean 'steps' or 'step'?",
            "3: motion.zoom: expected a number, not 'fast'",
            "4: fps: expected 1 to 240 frames a second, not 500",
        ],
    ),
    "several at once in the plan": (
        "length: 9\ntarget: [nowhere_at_all, {class: dasy}]\nmotion:\n  zoom: 0\n",
        [
            "2: target.0: house has no layer 'nowhere_at_all'; there are conv1, inception_3b, inception_4c, inception_5b …",
            "2: target.1.class: house has no class 'dasy'; did you mean 'daisy'?",
            "4: motion.zoom: 0 is not above 0",
        ],
    ),
    "a class for a layer": (
        "target: Stained_glass\n",
        [
            "1: target: house has no layer 'Stained_glass'; 'Stained_glass' is a class: {class: Stained_glass}"
        ],
    ),
    "logits for a layer": (
        "target: logits\n",
        ["1: target: house has no layer 'logits'; its classes are named by {class: NAME}"],
    ),
    "a class like none": (
        "target: {class: peacock}\n",
        [
            "1: target.class: house has no class 'peacock'; there are daisy, sunflower, sunflowers, dome_inner, dome_outer, stained_glass …"
        ],
    ),
    "a colour that is a comment": (
        "source:\n  color: #203040\n",
        ["2: source.color: expected a colour like '#203040', in quotes, for # begins a comment"],
    ),
    "extends nothing": ("extends: other.yaml\n", ["1: extends: no such file: {folder}/other.yaml"]),
    "extends itself": ("seed: 1\nextends: x.yaml\n", ["2: extends: x.yaml extends itself"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recipe_says_where_and_what(name: str, tmp_path: Path, facts: Facts) -> None:
    text, expected = BROKEN[name]
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        plan(parse_recipe(path), facts)
    said = str(caught.value).split("\n")
    assert said == [f"{path}:{e.replace('{folder}', str(tmp_path))}" for e in expected]
    assert caught.value.exit_code == 2


def test_a_mistake_below_is_blamed_on_the_file_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("seed: 1\nmotion: {zom: 2}\n")
    (tmp_path / "x.yaml").write_text("extends: base.yaml\nascent: {step: no}\n")
    with pytest.raises(RecipeError) as caught:
        parse_recipe(tmp_path / "x.yaml", ["fps=no"])
    assert str(caught.value).split("\n") == [
        "--set fps: expected frames a second like 24 or 24000/1001, not 'no'",
        f"{tmp_path}/base.yaml:2: motion.zom: unknown key; did you mean 'zoom'?",
        f"{tmp_path}/x.yaml:2: ascent.step: expected a number, not 'no'",
    ]
