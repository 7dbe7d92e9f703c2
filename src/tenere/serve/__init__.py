"""The picture, served: the operator's page, its live stream, and a small HTTP interface."""
