"""The questionnaire in forms that people fill in elsewhere."""
