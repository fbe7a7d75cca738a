"""The rule author's tools: packs checked beyond their mistakes, tested, measured, drawn, written and compared."""
