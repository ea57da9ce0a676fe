"""Payloads as the SDK and the Functions worker write and read them."""
