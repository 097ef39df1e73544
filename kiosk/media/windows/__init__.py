"""Real USB sticks on Windows. Written after the documentation of Windows and never run on it: see docs/WINDOWS.md."""
