"""The command line as a person meets it: what it prints, where it puts things, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("render",),
        ("render", "no.yaml"),
        ("rendr", "x"),
        ("classify", "no.png"),
        ("plan", "x.yaml", "--colour"),
        ("networks", "show", "hous3"),
        ("resume", "."),
        ("show", "x.yaml"),
        ("encode", "."),
        ("verify", "nowhere"),
        ("extend", ".", "20s"),
    ],
)
def test_wrong_arguments_end_in_words(tmp_path: Path, dreamer, arguments: tuple[str, ...]) -> None:
    (tmp_path / "x.yaml").write_text("seed: 1\n")
    found = dreamer(*arguments, check=False)
    assert found.returncode in (1, 2)
    assert found.stderr.strip()


def test_plan_reckons_without_torch_and_fast(small: Path, dreamer) -> None:
    found = json.loads(dreamer("plan", small, "--json", "--plot", "plot.png").stdout)
    assert found["size"] == [80, 64]
    assert found["frames"] == 10
    assert found["targets"] == ["house: daisy", "house: inception_3b"]
    assert found["schedules"]["motion.rotate"][0] == 0
    with Image.open(small.parent / "plot.png") as chart:
        assert chart.width == 1100
    code = (
        "import sys; sys.argv = ['dreamer', 'plan', sys.argv[1]]\n"
        "from dreamer import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(small)], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert "10 frames at 5 a second" in done.stdout.decode()


def test_help_does_not_load_what_it_does_not_need() -> None:
    code = (
        "import sys; sys.argv = ['dreamer', '--help']\n"
        "from dreamer import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'PIL', 'yaml'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_classify_pictures_films_folders_and_broken_files(
    small: Path, still: Path, dreamer
) -> None:
    dreamer("render", small, "--out", "out")
    (small.parent / "pics").mkdir()
    shutil.copy(still.parent / "photo.png", small.parent / "pics" / "a.png")
    (small.parent / "pics" / "b.jpg").write_bytes(b"<!DOCTYPE html>")
    found = dreamer("classify", "pics", "out/small.mp4", "--top", "2", "--json", check=False)
    assert found.returncode == 1
    data = json.loads(found.stdout)
    assert list(data["failed"]) == ["pics/b.jpg"]
    assert [f["file"] for f in data["files"]] == ["pics/a.png", "out/small.mp4"]
    assert all(len(f["labels"]) == 2 for f in data["files"])
    assert list(data["files"][1]["frames"]) == ["0", "5"]
    text = dreamer("classify", "pics/a.png").stdout
    assert re.search(r"^  \S+ \(score=\d\.\d{5}\)$", text, re.M)
    assert re.search(r"Evaluation time \(1-image\): \d+\.\d{3}s", text)


def test_networks_and_doctor(dreamer) -> None:
    listed = json.loads(dreamer("networks", "list", "--json").stdout)
    assert next(n["name"] for n in listed) == "house"
    assert listed[0]["here"]
    shown = dreamer("networks", "show", "house").stdout
    assert "stained_glass" in shown
    assert "kMAC a pixel" in shown
    assert "inception_4c/5x5_reduce" in dreamer("networks", "layers", "googlenet").stdout
    found = json.loads(dreamer("doctor", "--json").stdout)
    assert found["well"], found


def test_insisting_to_stop_says_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    from dreamer import cli

    def insist(**_: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(cli, "app", insist)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert "what is finished is kept" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["dreamer.cli", "pydantic"])
def test_interrupted_at_any_moment_it_says_so(tmp_path: Path, name: str) -> None:
    """While Python still imports, and in a command that does not listen itself."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        # Which a background process inherits as ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {name!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupts())\n"
    )
    (tmp_path / "a.yaml").write_text("matrix: {seed: [1]}\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    found = subprocess.run(
        [sys.executable, "-m", "dreamer", "sweep", str(tmp_path / "a.yaml")],
        env=os.environ | {"PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 130
    assert found.stderr.startswith("stopped ")
    assert found.stderr.count("\n") == 1


def test_every_command_and_option_is_in_the_readme() -> None:
    import typer.main

    from dreamer.cli import app

    readme = (ROOT / "README.md").read_text()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        subcommands = getattr(command, "commands", None)
        words = [f"{name} {s}" for s in subcommands] if subcommands else [name]
        for word in words:
            assert f"dreamer {word}" in readme, f"README does not mention dreamer {word}"
