"""The local web server of the workbench: watches run folders, starts trainings as processes, serves the page."""
