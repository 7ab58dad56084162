"""Four small pictures that make a digest comparable by eye on two screens."""

CALM = tuple(
    "🍎🍐🍊🍋🍌🍉🍇🍓🍒🍑🥝🍍🥥🥕🌽🥦"
    "🍞🥐🧀🥨🍪🍯🍵🥚🌻🌷🌵🌲🍁🍄🌾🧊"
    "🐝🐞🦋🐢🐬🐳🐧🦉🐌🐑🐘🦒🚲🚂⛵🎈"
    "🎁🎻🎨📚🔑🔔💡🌂🧩🪁🏠🌙⭐🌈🔥⚓"
)
"""64 pictures without a face, a flag, a gesture or a skin tone, each of one code point."""


def emoji_of(digest: str) -> tuple[str, str, str, str]:
    """Return the pictures of the first four bytes of a hexadecimal digest: 24 bits, enough for the eye, no proof."""
    first, second, third, fourth = (CALM[byte % len(CALM)] for byte in bytes.fromhex(digest[:8]))
    return first, second, third, fourth
