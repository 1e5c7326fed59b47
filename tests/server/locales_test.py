"""Every message of the catalogues is used, and every one that is used is there; templates have no words of their own.

    locales_test.py SERVER_FOLDER
"""

import json
import pathlib
import re
import sys
import unittest

SERVER = pathlib.Path(sys.argv.pop(1))
SOURCES = [*SERVER.glob("pages/*.cpp"), *SERVER.glob("web/src/*.ts"), *SERVER.glob("web/src/*.tsx"), SERVER / "web/widget-words.mjs"]
# Names that programs put together.
MADE = re.compile(r"error\.\w+|widget\.\w+")


def catalogue(name):
    return json.loads((SERVER / "locales" / f"{name}.json").read_text(encoding="utf-8"))


class Catalogues(unittest.TestCase):
    def setUp(self):
        self.keys = catalogue("en")
        groups = "|".join(sorted({key.split(".")[0] for key in self.keys}))
        self.named = set()
        for path in SERVER.glob("templates/*.mustache"):
            self.named |= set(re.findall(r"\{\{w\.([\w.]+)\}\}", path.read_text(encoding="utf-8")))
        for path in SOURCES:
            self.named |= set(re.findall(rf'"((?:{groups})\.[A-Za-z]\w*)"', path.read_text(encoding="utf-8")))

    def test_none_is_missing(self):
        self.assertEqual(sorted(key for key in self.named - set(self.keys) if not key.endswith((".css", ".js"))), [])

    def test_none_is_unused(self):
        self.assertEqual(sorted(key for key in set(self.keys) - self.named if not MADE.fullmatch(key)), [])

    def test_templates_take_no_arguments_they_cannot_give(self):
        for path in SERVER.glob("templates/*.mustache"):
            for key in re.findall(r"\{\{w\.([\w.]+)\}\}", path.read_text(encoding="utf-8")):
                self.assertNotIn("{", self.keys[key], f"{path.name}: {key}")

    def test_templates_have_no_words_of_their_own(self):
        for path in SERVER.glob("templates/*.mustache"):
            if path.name in ("portal.mustache", "times.mustache"):  # the provider's, in English; a list of attributes
                continue
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"<svg.*?</svg>|<!doctype[^>]*>|\{\{\{?.*?\}?\}\}", " ", text, flags=re.S)
            words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))
            words += re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z]{2,}[^"]*)"', text)
            self.assertEqual([word for word in words if word not in ("https://",)], [], path.name)

    def test_catalogues_are_in_one_order(self):
        for path in SERVER.glob("locales/*.json"):
            self.assertEqual(list(catalogue(path.stem)), list(self.keys), path.name)


if __name__ == "__main__":
    unittest.main()
