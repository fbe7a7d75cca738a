"""The command line: thin shells over the calls of the library.

Commands load what they need when they run, so that `riskengine --help` is quick.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import typer

from riskengine.cli import assess, demo, explain, form, history, model, rules, score, template

__all__ = ["app", "main"]

EXIT_INPUT = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="riskengine",
    help="Tells whether a machine-learning project is going to fail, why, and what to do about it.",
    epilog="Nothing is sent anywhere: riskengine has no telemetry and opens no connection.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("assess")(assess.assess)
app.command("explain")(explain.explain)
app.command("template")(template.template)
app.command("score")(score.score)
app.add_typer(rules.app, name="rules")
app.add_typer(history.app, name="history")
app.add_typer(model.app, name="model")
app.add_typer(form.app, name="form")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),
) -> None:
    if version:
        from riskengine import __version__

        typer.echo(f"riskengine {__version__}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Args:
        arguments: The arguments; those of the process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a terminal that knows no such sign gets another one, not an error
            stream.reconfigure(errors="replace")
    sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    from riskengine.errors import ProblemError

    try:
        result = app(arguments, standalone_mode=False, prog_name="riskengine")
    except ProblemError as error:
        _print_problems(error, as_json="--json" in arguments)
        return EXIT_INPUT
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except typer.TyperException as error:
        _print_usage(error)
        return EXIT_INPUT
    except Exception as error:
        _print_bug(error)
        return EXIT_BUG
    return result if isinstance(result, int) else 0


def _print_usage(error: typer.TyperException) -> None:
    show = getattr(error, "show", None)
    if show is None:
        sys.stderr.write(f"Error: {error.format_message()}\n")
    else:
        show()


def _print_problems(error: object, *, as_json: bool) -> None:
    from riskengine.cli.harmless import harmless
    from riskengine.errors import ProblemError

    assert isinstance(error, ProblemError)
    if as_json:
        import json

        body = {"ok": False, "errors": [problem.as_json() for problem in error.problems]}
        sys.stderr.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
        return
    for problem in error.problems:
        sys.stderr.write(harmless(f"{problem}\n"))
    if len(error.problems) > 1:
        sys.stderr.write(f"{len(error.problems)} problems; nothing was written\n")


def _print_bug(error: Exception) -> None:
    import traceback

    traceback.print_exception(error)
    sys.stderr.write(
        "RE-900 this is a bug of riskengine, not of your input\n"
        "  help: please report it with the lines above at the project's issue tracker\n"
    )
