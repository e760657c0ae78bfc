"""The entry point: parses, runs, and turns every mistake into one line and exit code 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import rectinet
from rectinet.cli import bench, data, models, models_inspect, studies
from rectinet.cli.options import as_options
from rectinet.errors import RectinetError
from rectinet.stopping import EXIT_CODE, end, import_is_done

# Typer brings its own copy of click or the installed one, by version; this is the common name of
# the parser's complaints in either.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    help=(
        "Deep sparse rectifier networks (Glorot, Bordes and Bengio, 2011).\n\n"
        "Start with `rectinet demo`: it trains the paper's comparison on handwritten digits in "
        "a minute or two, prints the table, and draws a page to look at."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(studies.demo)
app.command()(studies.reproduce)
app.command()(studies.report)
app.command()(models.fit)
app.command()(models.predict)
app.command()(models_inspect.inspect)
app.command()(models.export)
app.add_typer(data.app, name="data")
app.add_typer(bench.app, name="bench")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rectinet {rectinet.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 a user's mistake, 130 stopped by Ctrl-C.

    Args:
        arguments: the words after the program's name; those of the process if None.
    """
    command = typer.main.get_command(app)
    try:
        import_is_done()
        code = command.main(
            None if arguments is None else list(arguments),
            prog_name="rectinet",
            standalone_mode=False,
        )
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.exit(2)  # the help has just been shown
        message: str = error.format_message()  # type: ignore[attr-defined]
        _fail(" ".join(message.split()).rstrip(".") + "; see --help")
    except RectinetError as error:
        _fail(as_options(" ".join(str(error).split())))
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_CODE
    except BrokenPipeError:
        # The reader (head, less) went away; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    if code == EXIT_CODE:  # also from typer, which takes Ctrl-C for itself and says nothing
        end()
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> None:
    print(f"rectinet: error: {message}", file=sys.stderr)
    sys.exit(2)
