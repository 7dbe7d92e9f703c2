"""The report of coverage: how much of an area is seen from each height, by whom, what is lost with a sensor; as numbers, maps, a document."""
