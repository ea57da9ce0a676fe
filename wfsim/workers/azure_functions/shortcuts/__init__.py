"""What the SDK need not do again and again."""
