"""Which of its options `dreamer atlas` takes together."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from dreamer.cli import main
from dreamer.cli_atlas import LISTENS

VALUES = {
    "--class": ["ring"],
    "--samples": ["9"],  # what it is anyway: said is said
    "--judge": ["judge"],
    "--out": ["a"],
    "--each": ["8"],
    "--length": ["20s"],
    "--side": ["96"],
    "--layer": ["conv1"],
    "--channels": ["0"],
    "--classes": ["all"],
    "--queue": ["q"],
}
JOBS = {
    "--class": ("jobs.diagnosis", "diagnose"),
    "--measure": ("jobs.measuring", "measure"),
    "--journey": ("jobs.journey", "journey"),
    "--queue": ("batch.asked", "add_atlas"),
    "": ("jobs.atlas", "atlas"),
}
OPTIONS = sorted({word for way, heard in LISTENS.items() for word in (way, *heard) if word})


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Which way a command goes, and what it says; the work itself is not done."""

    def run(*words: str) -> tuple[str | None, str]:
        gone: list[str] = []
        for way, (module, function) in JOBS.items():

            def job(*_: object, way: str = way, **__: object) -> SimpleNamespace:
                gone.append(way)
                return SimpleNamespace(as_json=dict, as_text=str)

            path = f"dreamer.{module}"
            __import__(path)
            monkeypatch.setattr(sys.modules[path], function, job)
        spelt = [part for word in words for part in (word, *VALUES.get(word, ()))]
        monkeypatch.setattr(sys, "argv", ["dreamer", "atlas", *spelt])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == (0 if gone else 2)
        return (gone[0] if gone else None), capsys.readouterr().err

    return run


@pytest.mark.parametrize("way", LISTENS)
def test_every_way_hears_its_own_options_and_refuses_the_others(way: str, command) -> None:
    own = [way] if way else []
    assert command(*own, *LISTENS[way])[0] == way
    for other in OPTIONS:
        if other in (way, *LISTENS[way]) or (not way and other in LISTENS):
            continue
        gone, said = command(*own, other)
        assert gone is None, other
        assert other in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--report"], "--report: of which class? Say it with --class NAME"),
        (["--judge"], "--judge: only together with --class or --measure"),
        (["--length"], "--length: only together with --journey"),
        (["--measure", "--out"], "--measure: not together with --out"),
        (["--measure", "--class"], "--class: not together with --measure"),
        (["--journey", "--html"], "--journey: not together with --html"),
    ],
)
def test_a_refusal_says_where_the_option_belongs(words: list[str], said: str, command) -> None:
    assert said in command(*words)[1]
