"""Each is named after the technology that it speaks to."""
