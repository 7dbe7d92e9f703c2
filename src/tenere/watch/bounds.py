"""What numbers the tables of [watch] may hold, from and to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.watch.config import ApwConfig, MovementsConfig, SilenceConfig
from tenere.watch.msaw_config import MsawConfig
from tenere.watch.stca_config import LayerConfig, StcaConfig

if TYPE_CHECKING:
    import msgspec

BOUNDS: dict[type[msgspec.Struct], dict[str, tuple[float, float]]] = {
    ApwConfig: {
        "look_ahead_s": (0, 600),
        "predicted_rise_s": (0, 3600),
        "rise_s": (0, 3600),
        "hold_s": (0, 86_400),
        "sigmas": (0, 10),
        "most_margin_m": (0, 2000),
        "predicted_sigmas": (0, 10),
        "height_margin_m": (0, 3000),
        "fir_settled_s": (0, 3600),
        "corridor_margin_m": (0, 1e5),
        "corridor_rise_s": (0, 3600),
        "route_off_m": (0, 1e7),
        "route_rise_s": (0, 86_400),
        "route_free_m": (0, 1e7),
        "slow_ms": (0, 1000),
    },
    SilenceConfig: {
        "transponder_s": (1, 3600),
        "near_m": (0, 1e6),
        "others": (0, 1000),
        "hole_look_s": (0, 600),
        "lost_s": (0, 3600),
        "lost_age_s": (0, 86_400),
        "lost_hold_s": (0, 86_400),
        "aerodrome_m": (0, 1e6),
    },
    MovementsConfig: {"near_m": (0, 1e5), "low_m": (0, 5000), "slow_ms": (0, 1000), "show_s": (0, 86_400), "most": (1, 1_000_000)},
    StcaConfig: {
        "ahead_s": (1, 600),
        "warning_s": (0, 600),
        "share_horizontal": (0.05, 2),
        "share_vertical": (0.05, 2),
        "visual_nm": (0, 20),
        "visual_ft": (0, 10_000),
        "probability": (0.01, 1),
        "probability_stay": (0.01, 1),
        "rise_s": (0, 60),
        "hold_s": (0, 600),
        "level_off_s": (0, 600),
        "manoeuvre_ms2": (0, 10),
        "rate_std_ms": (0, 50),
        "altitude_std_m": (0, 1000),
        "most_pairs": (1, 100_000),
    },
    LayerConfig: {"up_to_ft": (0, 1e6), "horizontal_nm": (0.01, 50), "vertical_ft": (1, 20_000)},
    MsawConfig: {
        "ahead_s": (1, 600),
        "warning_s": (0, 600),
        "margin_m": (0, 5000),
        "visual_margin_m": (0, 5000),
        "hover_margin_m": (0, 5000),
        "obstacle_m": (0, 1000),
        "sigmas": (0, 10),
        "aerodrome_m": (0, 1e5),
        "glide_deg": (0, 20),
        "glide_from_m": (0, 1e5),
        "aside_m": (0, 20_000),
        "most": (1, 100_000),
        "standard_pressure_std_m": (0, 1000),
    },
}
"""By table and key; see ``tenere.config.BOUNDS``."""
