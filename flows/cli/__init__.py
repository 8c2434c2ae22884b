"""The commands of corpintel: thin, each a few lines over the steps."""
