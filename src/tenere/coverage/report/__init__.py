"""The report of coverage: how much of an area is seen at each height, by whom, what is lost with a sensor; in numbers, maps, a document."""
