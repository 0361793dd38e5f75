"""The catalogues: complete, and with the holes of their English."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from torchwork.words import LANGUAGES, catalogue
from torchwork.words.checking import misfits, missing
from torchwork.words.templates import holes, templates

each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_every_sentence_has_its_translation(language: str) -> None:
    assert missing(language) == {}, "translate these in torchwork/words, or name them in unspoken.json"


@each_language
def test_a_translation_has_the_holes_of_its_english(language: str) -> None:
    assert misfits(language) == []


def test_there_is_no_catalogue_of_another_language() -> None:
    with pytest.raises(KeyError):
        catalogue("../errors")


def found(tmp_path: Path, source: str) -> list[str]:
    ast.parse(source)
    (tmp_path / "part.py").write_text(source, "utf-8")
    return list(templates(tmp_path))


def test_sentences_are_found_with_their_holes(tmp_path: Path) -> None:
    source = '''
"""What the module is for, in a sentence that nobody sees."""
def say(n, path, kind, known):
    """Says it, as this says of it."""
    raise ValueError(
        f"expected {kind!r} at {path}, got {n} line{'s' * (n != 1)}; "
        f"write `{{a: b}}`{' as the others do' if known else ''}"
    )
'''
    expected = "expected {0} at {1}, got {2} line{s}; write `{{a: b}}`{3}"
    assert found(tmp_path, source) == [expected, " as the others do"]
    assert holes(expected) == ["0", "1", "2", "s", "3"]


def test_help_of_the_editor_is_found(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    source = 'class Train:\n    """How to train."""\n\n    epochs: int = 10\n    """passes over `{a}`"""\n'
    (tmp_path / "experiment" / "spec.py").write_text(source, "utf-8")
    assert list(templates(tmp_path)) == ["How to train.", "passes over `{{a}}`"]


def test_sums_are_one_sentence_and_what_is_compared_is_none(tmp_path: Path) -> None:
    source = """
def say(text, rest):
    if "a word of torch" in text:
        return "it is made of " + rest + f", {text}{rest} and more"
"""
    assert found(tmp_path, source) == ["it is made of {0}, {1} and more"]
