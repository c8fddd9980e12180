"""What comes in and goes out whole: set-up files, history imports, the demo company."""
