"""The fonts that every PDF is set in, and fontconfig's description of them."""
