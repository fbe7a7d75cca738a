"""`riskengine rules check`: everything that is wrong with a pack."""

from __future__ import annotations

import typer

from riskengine.cli.options import AsJson, PackArgument

__all__ = ["check"]


def check(pack: PackArgument = None, as_json: AsJson = False) -> None:
    """Check a pack and report every mistake of every file."""
    from riskengine.cli.show import print_json
    from riskengine.pack.facts import rails_of
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack
    from riskengine.pack.warnings import warnings_of

    found = read_pack(pack or shipped("rules"))
    counts = {
        "questions": len(found.questions),
        "quantities": len(found.quantities),
        "rules": len(found.rules),
        "examples": sum(len(rule.examples) for rule in found.rules),
        "clauses": len(rails_of(found).clauses),
    }
    warnings = warnings_of(found)
    if as_json:
        listed_warnings = [problem.as_json() for problem in warnings]
        print_json({"ok": True, "name": found.name, "version": found.version, **counts, "warnings": listed_warnings})
    else:
        for problem in warnings:
            typer.echo(f"warning: {problem}", err=True)
        listed = ", ".join(f"{number} {name}" for name, number in counts.items())
        typer.echo(f"{found.name} {found.version}: {listed}; no mistakes")
