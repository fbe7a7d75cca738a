import re
from pathlib import Path

from tests.cli.run import run

README = (Path(__file__).parents[2] / "README.md").read_text()


def fenced(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_first_two_sh_blocks_are_one_command_each():
    demo, test = fenced("sh")[:2]
    assert demo.count("\n") == test.count("\n") == 1
    assert demo.endswith("riskengine demo\n")
    assert test.endswith("pytest\n")


def test_the_screen_in_the_readme_is_what_the_demo_shows():
    (screen,) = fenced("text")
    shown = [line.rstrip() for line in run("demo").stdout.splitlines()]
    assert [line for line in screen.splitlines() if line.strip() != "..." and line.rstrip() not in shown] == []


def test_every_command_that_the_readme_names_exists():
    for command in set(re.findall(r"`riskengine ((?:rules |model )?[a-z]+)", README)):
        assert run(*command.split(), "--help").returncode == 0, command


def test_every_page_that_the_readme_names_exists():
    for page in set(re.findall(r"`((?:docs|data)/[\w./-]+)`", README)):
        assert (Path(__file__).parents[2] / page).exists(), page


def test_the_python_example_runs():
    (example,) = fenced("python")
    names: dict[str, object] = {}
    exec(example, names)
    assert 0 < names["result"].probability < 1
