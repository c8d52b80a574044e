"""Which release this is, said once: the build reads it here, and a test holds the sidebar's half equal."""

VERSION = "0.1.0"
