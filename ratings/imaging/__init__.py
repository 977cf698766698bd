"""Pictures as numbers: PNG files to samples, exact squared errors, crops."""
