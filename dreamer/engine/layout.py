"""What the files of a render's folder are called."""

RECIPE = "recipe.yaml"
EXECUTION = "execution.json"
JOURNAL = "journal.jsonl"
PROVENANCE = "provenance.json"
REPORT = "report.json"
