"""HTTP over the flows: thin routes, strict schemas, problems with a way out."""
