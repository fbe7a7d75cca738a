"""`riskengine history export`: the table that training reads, or everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption, StageOption
from riskengine.cli.options import AsJson, RulesOption

__all__ = ["export"]


def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where it is written.")],
    stage: StageOption = "start",
    everything: Annotated[
        bool, typer.Option("--everything", help="Every record as JSON Lines, for `history restore`.")
    ] = False,
    history: HistoryOption = None,
    as_json: AsJson = False,
    rules: RulesOption = None,
) -> None:
    """Write the finished projects as the CSV that `model train` reads, and say what was left out and why."""
    from riskengine.assessment.build import load_pack, write_output
    from riskengine.cli.history.words import say, say_selection
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import records_jsonl, selection_json
    from riskengine.history.backup import refuse_own_file
    from riskengine.history.history import History
    from riskengine.history.training_table import training_csv

    with History.open(history, create=False) as opened:
        refuse_own_file(opened, output)
        if everything:
            records = opened.records()
            write_output(output, records_jsonl(records))
            if as_json:
                print_json({"records": len(records)})
            else:
                say(f"{len(records)} records of {opened.where}: {output}")
            return
        pack = load_pack(rules).pack
        selection = opened.select(pack, stage)
        write_output(output, training_csv(selection, pack))
        if as_json:
            print_json(selection_json(selection))
        else:
            say_selection(selection, opened.where)
