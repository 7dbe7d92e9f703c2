"""What a track did lately, for its own page: its profile, its names, the plots it took."""
