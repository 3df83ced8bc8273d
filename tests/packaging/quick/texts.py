"""Manual pages and completions: made by the binary, readable, and about all of its commands."""

import gzip
import re
import unittest

from workshop import BINARY, run, tree


def options(*command):
    """The long options that a command's help tells of."""
    return set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(BINARY, *command, "--help"), re.M))


def commands():
    text = run(BINARY, "--help").partition("Commands:\n")[2].partition("\n\n")[0]
    return set(re.findall(r"^  (\w+)", text, re.M)) - {"help"}


class Texts(unittest.TestCase):
    def test_each_command_has_a_page_and_each_option_a_place_in_it(self):
        self.assertGreater(len(commands()), 10)
        for command in commands():
            page = gzip.open(tree() / f"usr/share/man/man1/callbox-{command}.1.gz", "rt").read()
            for option in options(command):
                self.assertIn(option.replace("-", "\\-"), page, command)
        page = gzip.open(tree() / "usr/share/man/man1/callbox.1.gz", "rt").read()
        for command in commands():
            self.assertIn(f"callbox\\-{command}(1)", page)

    def test_the_pages_are_read_without_complaint(self):
        for page in sorted((tree() / "usr/share/man/man1").iterdir()):
            said = run("man", "--warnings", "-E", "UTF-8", "-l", page, env={"MANWIDTH": "100"})
            self.assertNotRegex(said, "warning|error:", page.name)
            self.assertIn("NAME", said)

    def test_bash_completes(self):
        script = tree() / "usr/share/bash-completion/completions/callbox"
        ask = f"""
            source {script}
            COMP_WORDS=(callbox inv) COMP_CWORD=1; _callbox callbox inv callbox; echo "${{COMPREPLY[@]}}"
            COMP_WORDS=(callbox serve --turn-li) COMP_CWORD=2; _callbox callbox --turn-li serve; echo "${{COMPREPLY[@]}}"
        """
        self.assertEqual(run("bash", "-c", ask), "invite\n--turn-listen\n")

    def test_the_other_shells_have_all_commands(self):
        for file in ["zsh/vendor-completions/_callbox", "fish/vendor_completions.d/callbox.fish"]:
            text = (tree() / "usr/share" / file).read_text()
            for command in commands():
                self.assertIn(command, text)

    def test_the_settings_file_is_that_of_this_version(self):
        self.assertEqual((tree() / "etc/callbox/callbox.toml").read_text(), run(BINARY, "config", "example"))
        run(BINARY, "config", "check", "--config", tree() / "etc/callbox/callbox.toml")
