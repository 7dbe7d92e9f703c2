"""Where an aircraft may be that a person reported: held to slow integrals, and to what its class can fly."""

import math

import numpy as np
import pytest

from tenere.batch import AircraftClass
from tenere.track.reported import GATE, MOTIONS, Estimate, Report, begun, entered, folded, predicted, velocity

HELICOPTER = MOTIONS[AircraftClass.HELICOPTER]
NAN = math.nan


def report(time_s=0.0, at=(0.0, 0.0), std=1000.0, course=NAN, course_std=NAN, speed=NAN, speed_std=NAN):
    return Report(time_s, np.array(at, float), std, course, course_std, speed, speed_std)


def slow(e, dt, motion, steps=20_000):
    """Integrate the moments of dx = v dt, dv = -v / tau dt + noise, by small steps of the second order."""
    a = np.zeros((4, 4))
    a[0, 2] = a[1, 3] = 1.0
    a[2, 2] = a[3, 3] = -1.0 / motion.keeps_s
    q = np.diag([0.0, 0.0, 1.0, 1.0]) * 2.0 * motion.std_ms**2 / motion.keeps_s
    m, p, h = e.mean.copy(), e.spread.copy(), dt / steps

    def rate(p):
        return a @ p + p @ a.T + q

    for _ in range(steps):
        m = m + h * (a @ (m + 0.5 * h * a @ m))
        p = p + h * rate(p + 0.5 * h * rate(p))
    return m, p


@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0])
def test_prediction_is_the_integral_of_the_process(dt):
    e = begun(report(course=1.0, speed=50.0), HELICOPTER)
    got = predicted(e, dt, HELICOPTER)
    mean, spread = slow(e, dt, HELICOPTER)
    assert np.allclose(got.mean, mean, rtol=1e-5, atol=1e-5)
    assert np.allclose(got.spread, spread, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", list(MOTIONS))
def test_the_spread_never_outgrows_the_top_speed_and_always_grows(kind):
    motion = MOTIONS[kind]
    for r in (report(), report(speed=0.5 * motion.top_ms), report(course=2.0), report(course=2.0, speed=motion.top_ms, speed_std=900.0)):
        e, before = begun(r, motion), 1000.0
        for t in (1.0, 10.0, 60.0, 600.0, 3600.0, 40_000.0):
            got = predicted(e, t, motion)
            std = math.sqrt(np.linalg.eigvalsh(got.spread[:2, :2])[-1])
            assert before < std <= 1000.0 + 0.5 * motion.top_ms * t * (1 + 1e-9)
            assert math.sqrt(np.linalg.eigvalsh(got.spread[2:, 2:])[-1]) <= motion.std_ms * (1 + 1e-9)
            assert np.hypot(*got.mean[:2]) <= motion.top_ms * t
            before = std


def test_every_class_has_its_motion():
    assert set(MOTIONS) == set(AircraftClass)
    assert all(0 < m.usual_ms < m.top_ms for m in MOTIONS.values())


def test_two_steps_are_one():
    e = begun(report(course=0.3, speed=40.0), HELICOPTER)
    once, twice = predicted(e, 700.0, HELICOPTER), predicted(predicted(e, 90.0, HELICOPTER), 700.0, HELICOPTER)
    assert np.allclose(once.mean, twice.mean)
    assert np.allclose(once.spread, twice.spread, rtol=1e-9)
    assert predicted(once, 10.0, HELICOPTER) is once, "it does not go back"


def test_a_report_enters_as_information_adds():
    e = predicted(begun(report(course=1.0, speed=50.0), HELICOPTER), 120.0, HELICOPTER)
    z = e.mean[:2] + np.array([800.0, -500.0])
    got, near = entered(e, report(120.0, z, 600.0), HELICOPTER)
    h = np.eye(4)[:2]
    info = np.linalg.inv(e.spread) + h.T @ h / 600.0**2
    mean = np.linalg.solve(info, np.linalg.solve(e.spread, e.mean) + h.T @ z / 600.0**2)
    assert near
    assert np.allclose(got.mean, mean)
    assert np.allclose(got.spread, np.linalg.inv(info))


def test_what_a_report_says_of_motion():
    assert velocity(report(), HELICOPTER) is None
    assert velocity(report(speed=30.0), HELICOPTER) is None
    mean, spread = velocity(report(course=math.pi / 2, course_std=0.1, speed=40.0, speed_std=5.0), HELICOPTER)
    assert np.allclose(mean, [40.0, 0.0])
    assert np.allclose(spread, [[25.0, 0.0], [0.0, 16.0]])
    mean, spread = velocity(report(course=0.0), HELICOPTER)
    assert np.allclose(mean, [0.0, HELICOPTER.usual_ms])
    assert spread[1, 1] == pytest.approx(HELICOPTER.std_ms**2)
    e = begun(report(speed=30.0), HELICOPTER)
    assert np.allclose(e.mean[2:], 0.0)
    assert e.spread[2, 2] + e.spread[3, 3] == pytest.approx(900.0), "any direction: its mean square is the speed's"


def test_a_speed_alone_says_how_fast_along_the_known_course():
    e = begun(report(course=0.0, course_std=0.1, speed=20.0, speed_std=10.0), HELICOPTER)
    got, _ = entered(e, report(1.0, (0.0, 20.0), speed=40.0, speed_std=2.0), HELICOPTER)
    assert got.mean[3] == pytest.approx(39.0, abs=1.5)
    assert abs(got.mean[2]) < 1.0


def test_a_report_where_it_cannot_be_begins_it_anew():
    e = begun(report(std=100.0), HELICOPTER)
    far = report(10.0, (60e3, 0.0), 200.0)
    assert GATE < (60e3 / 500.0) ** 2
    got, near = entered(e, far, HELICOPTER)
    assert not near
    assert np.array_equal(got.mean, begun(far, HELICOPTER).mean)


def test_reports_tell_the_same_in_any_order():
    reports = (report(0.0), report(60.0, (2e3, 0.0), course=1.5), report(130.0, (5e3, 500.0), speed=40.0))
    want, _ = folded(None, reports, HELICOPTER)
    for order in ((2, 0, 1), (1, 2, 0), (2, 1, 0)):
        got, _ = folded(None, tuple(reports[i] for i in order), HELICOPTER)
        assert np.array_equal(got.mean, want.mean)
        assert np.array_equal(got.spread, want.spread)
    base = Estimate(-10.0, np.zeros(4), np.diag([1e6, 1e6, 400.0, 400.0]))
    assert folded(base, (), HELICOPTER) == (base, True)
