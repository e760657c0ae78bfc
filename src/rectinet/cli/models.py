"""``rectinet fit``, ``predict``, ``inspect`` and ``export``: models from people's files."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy.sparse import issparse, vstack

from rectinet import stopping
from rectinet.cli.models_folder import TableModel, load_table_model, place
from rectinet.cli.models_output import (
    check_suffix,
    predictions,
    say,
    targets_to_measure,
    write_onnx,
)
from rectinet.cli.models_training import Wishes, figures, new_estimator, quality, split, train
from rectinet.errors import SettingError
from rectinet.estimators.pretraining import choose_pretraining
from rectinet.files import make_folder, write_bytes
from rectinet.tables import (
    MOST_WORDS,
    Columns,
    MatrixColumns,
    Notation,
    Table,
    Target,
    Task,
    fit_columns,
    listed,
    read_table,
    read_target,
)


class Pretraining(StrEnum):
    """Whether to pre-train."""

    AUTO = "auto"
    DENOISING = "denoising"
    NONE = "none"


class TextWeights(StrEnum):
    """What stands for a word in a text."""

    BINARY = "binary"
    TFIDF = "tfidf"


Model = Annotated[Path, typer.Argument(help="The folder that `rectinet fit` wrote.")]
Names = list[str] | None

_FORMATS = "CSV, TSV, Parquet, JSON lines, NPZ or svmlight"


def fit(
    file: Annotated[Path, typer.Argument(help=f"The examples: {_FORMATS}.")],
    target: Annotated[
        str | None,
        typer.Option(help="The column to predict; empty where a row has no label."),
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="More examples, without label; may be repeated.")
    ] = None,
    text: Annotated[Names, typer.Option(help="A column of text; may be repeated.")] = None,
    drop: Annotated[Names, typer.Option(help="A column to leave out; may be repeated.")] = None,
    missing: Annotated[
        Names,
        typer.Option(
            help="A text that means missing, beside empty cells, such as NA; may be repeated."
        ),
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="The decimal mark of numbers, . or , (default: .).")
    ] = None,
    thousands: Annotated[
        str | None, typer.Option(help="The mark between groups of three digits (default: none).")
    ] = None,
    task: Annotated[
        Task | None, typer.Option(help="What is predicted (default: judged by the target).")
    ] = None,
    hidden: Annotated[
        str, typer.Option(help="Units per hidden layer: 200,200 or 3x1000; or none.")
    ] = "200,200",
    pretraining: Annotated[
        Pretraining, typer.Option(help="auto: if most rows have no label.")
    ] = Pretraining.AUTO,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the labelled rows, at most.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Of fine-tuning (default: what suits the solver).")
    ] = None,
    dropout: Annotated[
        float, typer.Option(help="Share of the hidden units dropped in fine-tuning.")
    ] = 0.0,
    input_dropout: Annotated[
        float, typer.Option(help="Share of the inputs dropped in fine-tuning.")
    ] = 0.0,
    self_training: Annotated[
        int,
        typer.Option(min=0, help="Rounds of learning from labels the network gives, such as 12."),
    ] = 0,
    reconstruction_sampling: Annotated[
        float | None,
        typer.Option(help="Share of the absent words that pre-training computes, such as 0.05."),
    ] = None,
    test_share: Annotated[
        float, typer.Option(min=0, help="Share of the labelled rows to measure on at the end.")
    ] = 0.0,
    words: Annotated[int, typer.Option(min=1, help="Words per column of text.")] = MOST_WORDS,
    text_weights: Annotated[
        TextWeights, typer.Option(help="What stands for a word in a text.")
    ] = TextWeights.BINARY,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of all random choices.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("model"),
) -> None:
    """Train a network on a file of examples, one in each row.

    Numbers, truth values, categories and columns of text are used; empty cells are filled in.
    Rows without label, and files of them, are learnt from too. The model keeps what is needed to
    read such files again: `rectinet predict` takes it from there.
    """
    if not test_share < 1:
        raise SettingError(f"test_share is {test_share:g}; give a share of 0 or more, below 1")
    if learning_rate is not None and not 0 < learning_rate < np.inf:
        raise SettingError(f"learning_rate is {learning_rate:g}; give a finite number above 0")
    method = None if pretraining is Pretraining.NONE else pretraining.value
    wishes = Wishes(
        hidden=_layers(hidden),
        pretraining=method,
        epochs=epochs,
        learning_rate=learning_rate,
        dropout=dropout,
        input_dropout=input_dropout,
        self_training=self_training,
        reconstruction_sampling=reconstruction_sampling,
        seed=seed,
    )
    notation = Notation(tuple(dict.fromkeys(missing or [])), decimal, thousands)
    with place(out):
        as_text = [*(text or []), *([] if target is None else [target])]
        table = read_table(file, text=as_text, notation=notation)
        said = read_target(table, target, task)
        table = _without(table, target, drop or [])
        more = [
            read_table(path, text=table.text_names, notation=notation) for path in unlabelled or []
        ]
        rows, test_rows = split(said, test_share, seed)
        parts = [table.take(rows), *more]
        columns = fit_columns(
            parts, text=text or [], most_words=words, text_weights=text_weights.value
        )
        _describe(table, said, more, columns)
        X = _stacked([columns.transform(part) for part in parts])
        n_more = sum(other.n_rows for other in more)
        y = said.take(rows).extended(n_more).values
        n_labelled = int(np.count_nonzero(said.labelled[rows]))
        n_unlabelled = len(y) - n_labelled
        typer.echo(
            choose_pretraining(
                method,
                n_labelled,
                n_unlabelled,
                X.shape[1],
                len(wishes.hidden),
                sampled=reconstruction_sampling is not None,
            )
        )
        model = TableModel(new_estimator(said, wishes, X), columns, target, said.task)
        try:
            stopped = train(model.estimator, X, y)
            typer.echo(figures(model.estimator))
            scaling = model.estimator.scaling_
            if scaling.clipped is not None and scaling.clipped.any():
                typer.echo(f"note: {scaling.describe(columns.feature_names())}")
            _measure(model, table.take(test_rows), said.values[test_rows])
            model.save(out)
        except KeyboardInterrupt:
            stopping.end("; nothing was saved")
    typer.echo(f"saved in {out}")
    if stopped:
        stopping.end(
            f"; the model as it was after epoch {model.estimator.n_iter_} is saved in {out}"
        )
    example = unlabelled[0] if unlabelled else file
    typer.echo(f"next: rectinet predict {_word(out)} {_word(example)} --out predictions.csv")


def predict(
    model: Model,
    file: Annotated[Path, typer.Argument(help=f"The examples: {_FORMATS}.")],
    out: Annotated[
        Path | None, typer.Option(help="Write there, .csv or .tsv (default: print).")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Add the probability of each class.")
    ] = False,
) -> None:
    """Predict each row of a file, in its order.

    Where the file has the target, too, it is said on standard error how many were right; and so
    are missing values, and classes, categories and columns that were not there in training.
    """
    if out:
        check_suffix(out, ".csv", ".tsv")
        if out.resolve() == file.resolve():
            raise SettingError(f"out is {out}, the file to read; name another file")
    loaded = load_table_model(model)
    table, X = loaded.inputs(file)
    suffix = out.suffix.lower() if out else ".csv"
    content = predictions(loaded, X, probabilities=probabilities, suffix=suffix)
    if out is None:
        typer.echo(content, nl=False)
    else:
        make_folder(out.parent)
        write_bytes(out, content.encode(errors="replace"))
    say([*table.notes, *loaded.notes(table)])
    known = targets_to_measure(loaded, table)
    if known is not None:
        rows = known.labelled
        strange = loaded.unknown_classes(known)
        if strange:
            named = listed(sorted(set(strange)))
            say([f"{len(strange):,} row(s) of a class that the model does not know: {named}"])
        measured = quality(loaded.estimator, loaded.task, X[rows], known.values[rows])
        typer.echo(f"beside the targets in {file}: {measured}", err=True)
    if out is not None:
        typer.echo(f"{table.n_rows:,} predictions in {out}")


def export(
    model: Model,
    out: Annotated[Path, typer.Option(help="The file to write, .onnx.")] = Path("model.onnx"),
) -> None:
    """Write a model's network as ONNX, which many programs run.

    It takes numbers: the names of its inputs, in order, are in a JSON file beside it.
    """
    check_suffix(out, ".onnx")
    loaded = load_table_model(model)
    names = write_onnx(loaded, out)
    inputs = loaded.estimator.n_features_in_
    typer.echo(f"saved {out}: input X, float32, (n, {inputs}); names of inputs in {names}")
    rounded = loaded.rounded_by_float32()
    if rounded:
        say(
            [
                f"float32 rounds {listed(rounded)} by more than a hundredth of the deviation: "
                "expect other predictions than those of `rectinet predict`"
            ]
        )


def _without(table: Table, target: str | None, drop: list[str]) -> Table:
    table.require(drop)
    if target is not None and target in drop:
        raise SettingError(f"drop names the target, {target!r}; leave --drop {target} out")
    return table.without([*drop, *([] if target is None else [target])])


def _describe(
    table: Table, target: Target, more: list[Table], columns: Columns | MatrixColumns
) -> None:
    n_labelled = int(np.count_nonzero(target.labelled))
    name = "" if target.name is None else f" {target.name!r}"
    typer.echo(
        f"{table.source}: {table.n_rows:,} rows, {n_labelled:,} with a target, "
        f"{table.n_rows - n_labelled:,} without"
    )
    for other in more:
        typer.echo(f"{other.source}: {other.n_rows:,} rows without target")
    typer.echo(f"target{name}: {target.task}, {target.describe()}")
    for number, line in enumerate(columns.describe()):
        typer.echo(f"{'columns:' if not number else '':<9}{line}")
    read = [note for each in (table, *more) for note in each.notes]
    for note in dict.fromkeys((*read, *target.notes, *columns.remarks)):
        typer.echo(f"note: {note}")


def _measure(model: TableModel, table: Table, y: np.ndarray) -> None:
    if table.n_rows:
        assert model.columns is not None
        X = model.columns.transform(table)
        typer.echo(f"test: {quality(model.estimator, model.task, X, y)}")
    elif model.estimator.records_[0].evaluated_on == "training":
        typer.echo("no rows were held out to measure on; --test-share 0.2 does that")


def _stacked(matrices: list[Any]) -> Any:
    if len(matrices) == 1:
        return matrices[0]
    return vstack(matrices, format="csr") if issparse(matrices[0]) else np.vstack(matrices)


def _layers(text: str) -> tuple[int, ...]:
    """Read ``200,200``, ``3x1000`` or ``none``."""
    if text == "none":
        return ()
    count, times, units = text.partition("x")
    try:
        sizes = (int(units),) * int(count) if times else tuple(map(int, text.split(",")))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise SettingError(
            f"hidden is {text!r}; give units of 1 or more with commas between them, such as "
            "200,200, or 3x1000, or none"
        )
    return sizes


def _word(path: Path) -> str:
    return shlex.quote(str(path))
