"""Open Drone ID (Remote ID): what drones broadcast of themselves. A claim: nothing in it can be authenticated."""

from tenere.wire.remote_id.decode import FORMAT

__all__ = ["FORMAT"]
