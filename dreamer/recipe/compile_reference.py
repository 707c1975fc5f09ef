"""What docs/compile.md says around the tables of its keys."""

from __future__ import annotations

from dreamer.recipe.clip import Clip
from dreamer.recipe.compilation import Bed, Compilation
from dreamer.recipe.joins import Transition
from dreamer.recipe.lettered import Caption
from dreamer.recipe.numbers import Words

PARTS: dict[str, type[Words]] = {
    "The compilation": Compilation,
    "clips": Clip,
    "transition": Transition,
    "caption": Caption,
    "sound": Bed,
}
COMPILE = """# Compilations: many films as one

This page is made from the schema by `make docs`; editors that know JSON Schema check compilations against
`docs/compilation.schema.json`.

```sh
dreamer compile one.mp4 two.mp4 pictures/ "more/*.mp4" --out all.mp4 --crossfade 1s --still 3s
dreamer compile renders/*/ --out wall.mp4 --wall 3x2        # six at once, on as many walls as it takes
dreamer compile compilation.yaml                            # NAME.mp4, here
dreamer compile compilation.yaml --dry-run                  # every clip's first frame, and what ffmpeg is told
dreamer plan compilation.yaml                               # every clip's first frame alone
```

```yaml
title: Dreams of a small network
size: [1280, 720]
fps: 24
fit: blur                                # clips of another shape: contain, cover, blur
transition: {kind: crossfade, over: 1s}  # each clip into the next, unless it says another
fade_out: 2s
clips:
  - {title: Dreams, subtitle: of a small network, length: 3s}
  - {file: renders/night-1a2b3c4d, caption: recipe}
  - {file: zoom.mp4, start: 2s, end: 10s, speed: 1.5, name: The zoom}
  - {file: photo.jpg, length: 4s, zoom: 1.3, center: [0.3, 0.6], caption: labels}
  - stills                               # a folder: each of its films and pictures is a clip
  - wall: [a.mp4, b.mp4, c.mp4, d.mp4]
    columns: 2
    ends: loop
  - {sheet: zoom.mp4, every: 2s, columns: 5}
sound: {file: music.mp3, fade_out: 3s}
output: [{video: mp4, crf: 16, poster: 50%}, {video: gif, size: 320, fps: 12}]
```

![titles, stills, a wall and a sheet of one film](../gallery/compilation.jpg)

`recipes/compilation.yaml` is a whole one, of dreamer's own gallery.

## To the frame

The plan says each clip's first frame and its length before any work, and a film that comes out with another number of frames is
refused. A clip's transition is the way into it from the one before: for so long both are seen, so that the film is shorter by as
much; of a crossfade of n frames, frame j is j/n of the clip that comes. A clip that two transitions take more of than it has is
refused, with the line that says so.

Films run as long as they did, whatever their rate: frame k of a clip is what a player shows k / `fps` seconds after its `start`, by
the times that lie in the film ([video.md](video.md)), so that films of varying rate are right too. `rates: blend` mixes the two
frames beside that moment. Turned films, pixels that are not square, ten bits and films for bright screens are shown as players and
[dreams](video.md) show them; pictures as EXIF and profiles say, CMYK too. Both lie over `background` where they are clear. A GIF that
moves is a film, and so is a PNG; a WebP that moves is refused.

Pictures are PNG, JPEG, WebP, GIF, TIFF, BMP, AVIF, JPEG 2000 and PPM. Films are MP4, QuickTime, Matroska, WebM, AVI, GIF and MPEG, in
folders by these endings; named themselves, what else ffmpeg opens as one file (`.ts`, `.wmv`, `.flv`), and no playlists. Of a folder
each of its films, pictures and renders is a clip, in the order people count in, but for what is hidden, what is closed (which is said),
and the film that is being made. What cannot be read is refused, all of it at once, before any work; with `broken: leave` (`--set
broken=leave`) it is left out and named, and films that break off with it. What is not there is always refused.

`fps` and `size` are those of the first film, unless they are said; without a film, 24 and 1280 × 720.

## Transitions

`cut`, `crossfade`, `wipe_left`, `wipe_right`, `wipe_up`, `wipe_down`, `slide_left` …, `circle`, `dissolve`, and all others of ffmpeg's
[xfade](https://ffmpeg.org/ffmpeg-filters.html#xfade) by its names; a word alone takes a second. `fade_black` and `fade_white` go
through that colour: they are it in the middle, which ffmpeg's `fadeblack` is not. `fade_in` and `fade_out` are the film's own.

## Words

Titles are letters on their background and nothing else, unless `style: shadow` or `style: box` sets them off; captions have a soft
shadow unless they say another style. Titles and captions are drawn inside the margins that all screens show, wrapped into lines of
about equal length, smaller where there is no room, and refused where they could not be read. The font that comes with dreamer,
DejaVu Sans, has Latin letters with all their accents, Greek, Cyrillic, arrows and signs; `font: FILE` says another one. A letter
that a font cannot draw is refused by its name.

`caption: labels` are the likeliest labels of what is shown, as a render's `scores.json` has them, or seen now (`network`, `house`
unless said); `caption: recipe` is the title of the recipe inside the file. For those very words say `{text: labels}`.

Each title, and each clip with a `name`, begins a chapter, but for one that ends with the frame it begins with, being no more than the
way into the next.

## Walls and sheets

The clips of a wall lie in rows, each fitted into its cell; the wall is as long as the longest film in it, and shorter ones hold
their last frame, begin again (`ends: loop`), or go black. All of its clips are heard, together about as loud as one; `sound_of: 2`
lets its second be heard alone, `sound_of: none` makes it silent. Up to 64 are seen at once, each by an ffmpeg of its own, and films of no
more than 100 megapixels together (64 of 720 lines, which took 3.7 GB; 48 of 1080; 12 of 2160).
A sheet is a still of a film's frames with their moments, so far apart as `every` says (24 of them unless it does, or as many as it has).

## Sound

Clips keep their sound, which fades as their pictures do and is silence where they have none; what runs faster is not heard higher.
A `sound` lies under the whole film, and is heard alone unless `clips_sound: true` mixes both (`volume` and `sound_of`, which would do
nothing then, are refused without it); more than full loudness is cut.
Lengths are seconds or frames here: beats are counted in renders alone.

## How it is made

One ffmpeg reads each clip, in turn (`--dry-run` shows every command, of pictures, sounds and outputs): of a hundred clips no more
are open than are seen at once, two in a transition, and no more than a few frames are held (a hundred films of 720 lines, each fading into the next: 0.85 GB, most of it
the encoder's). A transition, a wall and a sheet are ffmpeg graphs too, which get their pictures
on top of one another through a pipe. Pictures have 16 bits a channel on their way. The same files and ffmpeg give the same bytes.

A film is at its place when it is whole; stopped or failing, a compilation leaves nothing. Killed outright, it leaves a hidden
`.NAME.NUMBER.part`, which the next run for the same film removes. Beside the film a hidden `.NAME.made.json` keeps by hashes what
it was made of and what was made: where recipe, files, drawn letters, dreamer, ffmpeg and the film are what they were, the same
command says that it is whole and makes nothing; `--force` makes it again. What a file of that name is replaced by is only a film of
this very recipe, unless `--force` says otherwise, and never a clip of it or its sound. Words that are wrong, files that are
damaged, missing, none of films and pictures, or of a name that is no UTF-8, and letters that a font lacks are told before any work, all of them at once; what
does not fit in the film's time, when those are right. At most 2000 files are one film.

In Python, `size` is (width, height) in pixels, other keys go by their names, with `__` for the dot, and `columns` makes walls:

```python
dreamer.compile_films(["a.mp4", "b.png"], "all.mp4")
dreamer.compile_films("clips", "all.mp4", size=(1280, 720), still="2s", output__crf=20)
dreamer.compile_films(["a.mp4", "b.mp4"], "wall.mp4", columns=2, rows=1)
```
"""
