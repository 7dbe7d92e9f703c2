"""The shell's ways in: files, networks, the exercise; bytes with receive times."""
