"""Table 1: three activations, with and without pre-training, and the label curve beside them."""

from __future__ import annotations

from rectinet.report.beside import beside_table
from rectinet.report.beside_figure import beside_figure
from rectinet.report.figures import label_figure, learning_figures, zeros_figure
from rectinet.report.images import filters, pictures
from rectinet.report.parts import (
    Block,
    Cell,
    Chart,
    Charts,
    Column,
    Content,
    Group,
    Pictures,
    Section,
    Table,
    Text,
)
from rectinet.report.series import learning_curves
from rectinet.report.studies.label_table import label_table
from rectinet.report.summary import summarize
from rectinet.report.tables import ErrorRow, ErrorTable, error_table, label_curves
from rectinet.report.wording import (
    NOTHING,
    RECALLED,
    dataset_name,
    error_cell,
    rates,
    spread,
    start,
)
from rectinet.studies import StudyResults


def content(results: StudyResults) -> Content:
    """Return what there is to show."""
    table, curves = error_table(results), label_curves(results)
    sections = [
        Section(f"Test error{' beside the paper’s' if table.reference else ''}", _errors(table)),
        Section("Exact zeros in each hidden layer", (_zeros(table),)),
        *(
            Section(
                f"Few labels, {curve.activation}",
                (Chart(label_figure([curve])), label_table([curve])),
            )
            for curve in curves
        ),
        *learning_sections(results),
        *_image_sections(results),
    ]
    return Content(
        f"Rectifier networks on {dataset_name(results.dataset)}",
        summarize(results, table, curves),
        tuple(sections),
    )


def _errors(table: ErrorTable) -> tuple[Block, ...]:
    if not table.rows:
        return (Text("No run with all labels is finished yet."),)
    blocks: list[Block] = [error_block(table)]
    if table.beside:
        blocks += [beside_table(table.beside), Chart(beside_figure(table.beside))]
    return tuple(blocks)


def error_block(table: ErrorTable) -> Table:
    """Return the error table as it is shown."""
    other = table.reference and not table.like_for_like
    where = f" on {dataset_name(table.reference or '')}" if other else ""
    columns = (
        Column("Activation", number=False),
        Column("Test error %"),
        Column(f"Paper{where} %", paper=True),
        Column("Exact zeros %"),
        Column(f"Paper’s zeros{where} %", paper=True, detail=True),
        Column("Dead units"),
        Column("Learning rate", detail=True),
        Column("Best epoch", detail=True),
        Column("Seeds"),
    )
    shown = [index for index, column in enumerate(columns) if table.reference or not column.paper]
    groups = []
    for pretrained in (False, True):
        rows = [_error_row(table, row) for row in table.group(pretrained)]
        if rows:
            chosen = tuple(tuple(row[index] for index in shown) for row in rows)
            groups.append(Group(start(pretrained).capitalize(), chosen))
    return Table(
        f"Test error on {dataset_name(table.dataset)}, all labels",
        tuple(columns[index] for index in shown),
        tuple(groups),
        "All training examples labeled. Test error: mean over seeds, ± half of the 95% interval "
        f"of the mean where there are several seeds; {bold_note(table)} Exact zeros: mean over "
        "test examples, units and hidden layers. Dead units: hidden units that are zero for every "
        f"test example, mean over seeds. {reference_note(table)}",
        "Best epoch: the one whose weights were kept, first to last over seeds: that with the "
        "lowest validation error; of equal errors that with the lower loss, then the earliest.",
    )


def _error_row(table: ErrorTable, row: ErrorRow) -> tuple[Cell, ...]:
    published, zeros = row.published, row.published_zeros
    return (
        Cell(row.activation),
        Cell(error_cell(row.test_error), bold=row.bold if table.tested else table.is_lowest(row)),
        Cell(
            f"{100 * published.test_error:.2f}" if published else NOTHING,
            recalled=published is not None and published.recalled,
        ),
        Cell(f"{100 * row.zeros.mean:.1f}"),
        Cell(NOTHING if zeros is None else f"{100 * zeros:.1f}"),
        Cell(f"{row.dead_units.mean:.1f} of {row.n_units:,}"),
        Cell(rates(row.learning_rates)),
        Cell(spread(row.best_epochs)),
        Cell(str(row.test_error.n)),
    )


def _zeros(table: ErrorTable) -> Block:
    drawn = zeros_figure(table)
    if drawn:
        return Chart(drawn)
    return Text(
        "No finished network with all labels has units that are exactly zero, so there is nothing "
        "to draw."
    )


def learning_sections(results: StudyResults) -> tuple[Section, ...]:
    """Return the learning curves, if there are any."""
    drawn = learning_figures(learning_curves(results))
    if not drawn:
        return ()
    note = (
        "Validation error after each epoch of fine-tuning with all labels, on a logarithmic axis: "
        "thick lines are means over seeds, thin lines single seeds. All charts share their axes; "
        "an error of zero lies on the lower edge."
    )
    return (Section("Learning curves", (Text(note, quiet=True), Charts(drawn))),)


def _image_sections(results: StudyResults) -> tuple[Section, Section]:
    found, seen = filters(results), pictures(results)
    no_filters: tuple[Block, ...] = (
        Text(
            "Nothing to show: either the inputs of this data set are not square images, or no "
            "rectifier network with all labels has kept its weights."
        ),
    )
    filter_note = (
        "What the first hidden layer of the rectifier network looks for, after training with all "
        "labels: each tile is the incoming weights of one unit, laid out as the input image. "
        "Lighter is positive, darker negative, middle gray zero, each tile on its own scale; units "
        "are ordered by the norm of their weights, largest first."
    )
    no_pictures: tuple[Block, ...] = (
        Text(
            "Nothing to show: either no pre-training is finished, or the inputs of this data set "
            "are not square images."
        ),
    )
    picture_note = (
        "Ten validation images; the same with noise; and what the first layer’s denoising "
        "auto-encoder makes of the noisy ones. The nearer the third row is to the first, the "
        "better it undoes the noise."
    )
    return (
        Section(
            "First-layer filters",
            (Text(filter_note, quiet=True), Pictures(found, large=True)) if found else no_filters,
        ),
        Section(
            "What the auto-encoders see and make of it",
            (Text(picture_note, quiet=True), Pictures(seen)) if seen else no_pictures,
        ),
    )


def bold_note(table: ErrorTable) -> str:
    """Return what bold errors are, and the tests that decided."""
    if not table.tested:
        return (
            "the lowest of each group is bold (these results do not say which test examples were "
            "wrong, so there is no pairwise test)."
        )
    tests = [
        f"{row.activation} {row.pairwise.only_first} and {row.pairwise.only_second}, "
        f"p = {row.pairwise.p_value:.2g}"
        for row in table.group(pretrained=False)
        if row.pairwise is not None
    ]
    return (
        "bold as in the paper: a pairwise test at p = 0.05 does not tell the network with "
        "pre-training from the one without (McNemar’s exact test; test answers, pooled over seeds, "
        f"wrong only without and only with pre-training: {'; '.join(tests)})."
    )


def reference_note(table: ErrorTable) -> str:
    """Return what the paper's column holds."""
    if table.reference is None:
        return f"The paper has no result for {dataset_name(table.dataset)}."
    reference = dataset_name(table.reference)
    if table.like_for_like:
        note = f"The paper’s figures are those of its table 1 for {reference}."
    else:
        note = (
            f"The paper has no result for {dataset_name(table.dataset)}. Its figures for "
            f"{reference}, a larger set of the same kind, stand here for orientation only."
        )
    if any(row.published and row.published.recalled for row in table.rows):
        note += f" {RECALLED}"
    return note
