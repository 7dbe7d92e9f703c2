"""SAPIENT (BSI Flex 335 v2): detections and health of partners' sensors in, our picture and sensors out."""

from __future__ import annotations

from tenere.wire.format import Format
from tenere.wire.sapient.columns import details
from tenere.wire.sapient.decode import init, likeness, split, step
from tenere.wire.sapient.encode import encode_detections, encode_registration, encode_status

FORMAT = Format("sapient", init, step, split, likeness, details)

__all__ = ["FORMAT", "encode_detections", "encode_registration", "encode_status"]
