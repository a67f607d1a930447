def main() -> None:
    """Placeholder until the command exists."""
