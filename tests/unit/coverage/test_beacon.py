"""The link budget at 1,090 MHz by hand, and the curve of decoded messages."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tenere.coverage.detect.beacon import (
    POWER_W,
    message_probability,
    received_dbm,
    sensitivity_dbm,
    update_probability,
)
from tenere.coverage.detect.radar import free_space_loss_db
from tenere.coverage.parameters import ReceiverParameters
from tenere.coverage.propagation import losses

RECEIVER = ReceiverParameters(gain_db=5.0, cable_db=1.0, sensitivity_dbm=-88.0)


def test_budget_by_hand():
    # 250 W is 54 dBm; 1,090 MHz over 370.4 km (200 NM) loses 144.6 dB; antennas 0 and 5 dB, cable 1 dB
    level = received_dbm(RECEIVER, free_space_loss_db(370.4e3, 1090e6), power_w=250.0)
    assert level == pytest.approx(53.98 - 144.57 + 5.0 - 1.0, abs=0.02)
    assert received_dbm(RECEIVER, 140.0, power_w=500.0) - received_dbm(RECEIVER, 140.0, power_w=250.0) == pytest.approx(3.01, abs=0.01)
    assert received_dbm(RECEIVER, [140.0, 150.0], power_w=70.0, aircraft_db=-2.0).tolist() == pytest.approx([-89.55, -99.55], abs=0.01)
    assert sorted(POWER_W.values()) == [70.0, 125.0, 250.0, 500.0]


def test_nine_in_ten_at_the_sensitivity():
    assert message_probability(RECEIVER, -88.0) == pytest.approx(0.9)
    assert message_probability(RECEIVER, -88.0, bits=56) == pytest.approx(math.sqrt(0.9))
    assert message_probability(RECEIVER, -91.0) == pytest.approx(0.09, abs=0.01)  # falls steeply: DO-260B asks for 0.15 at 3 dB less
    assert message_probability(RECEIVER, -85.0) > 0.999
    assert message_probability(RECEIVER, -150.0) < 1e-30


def test_messages_others_overlap_are_lost():
    crowded = ReceiverParameters(share=0.6)
    assert message_probability(crowded, -60.0) == pytest.approx(0.6)


def test_noise_alone_says_how_sensitive_a_receiver_can_be():
    # -174 dBm/Hz + 63 dB (2 MHz) + 5 dB + 11.0 dB
    assert sensitivity_dbm(5.0) == pytest.approx(-173.98 + 63.01 + 5.0 + 10.99, abs=0.03)


def test_at_least_one_of_several():
    assert update_probability(0.5, 2) == pytest.approx(0.75)
    assert update_probability([0.0, 1.0], 10).tolist() == pytest.approx([0.0, 1.0])
    assert update_probability(0.1, 1) == pytest.approx(0.1)


def test_an_airliner_is_heard_to_the_horizon_and_not_behind():
    away = np.array([100e3, 200e3, 300e3, 380e3, 440e3, 500e3])
    loss = losses(away, 20.0, 10_000.0, frequency_hz=1090e6, vertical=True).loss_db
    heard = message_probability(RECEIVER, received_dbm(RECEIVER, loss, power_w=250.0))
    assert heard[:3].min() > 0.9
    assert heard[-1] < 1e-3
    assert all(b <= a for a, b in itertools.pairwise(heard))
