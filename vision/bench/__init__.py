"""Programs that measure sight on photographs with known answers: ``python -m vision.bench``."""
