"""Whether a sensor that has a path to an aircraft also detects it, and how well several of them place it."""

from tenere.coverage.detect.beacon import message_probability, received_dbm, update_probability
from tenere.coverage.detect.dilution import Precision, precision
from tenere.coverage.detect.fluctuation import albersheim_db, detection, required_snr_db
from tenere.coverage.detect.near import (
    REMOTE_ID,
    AcousticParameters,
    RemoteIdParameters,
    acoustic_probability,
    remote_id_probability,
    two_ray_loss_db,
)
from tenere.coverage.detect.radar import RCS_M2, free_space_loss_db, known_by_range, probability
from tenere.coverage.parameters import RadarParameters, ReceiverParameters

__all__ = [
    "RCS_M2",
    "REMOTE_ID",
    "AcousticParameters",
    "Precision",
    "RadarParameters",
    "ReceiverParameters",
    "RemoteIdParameters",
    "acoustic_probability",
    "albersheim_db",
    "detection",
    "free_space_loss_db",
    "known_by_range",
    "message_probability",
    "precision",
    "probability",
    "received_dbm",
    "remote_id_probability",
    "required_snr_db",
    "two_ray_loss_db",
    "update_probability",
]
