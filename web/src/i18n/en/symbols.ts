// How tracks are drawn: symbols, labels, what the foot of the map says of them.

export const symbols = {
  "label.light": "light",
  "label.airliner": "airliner",
  "label.helicopter": "helicopter",
  "label.glider": "glider",
  "label.drone": "drone",
  "label.vehicle": "vehicle",
  "label.balloon": "balloon",
  "label.high_performance": "high perf.",
  "foot.points": "{0} of {1} tracks in view are points: no room for their symbols",
  "foot.detail": "Labels: detail {0} of 3",
  "foot.civil": "Civil symbols",
  "foot.app6": "APP-6 symbols",
  "foot.app6.failed": "The APP-6 symbols could not be loaded.",
  "help.detail": "more or less on each label",
  "help.symbols": "civil or APP-6 symbols",
  "help.nudge": "move the selected track's label",
  "help.release": "let the moved labels go: of the selected track, else all",
  "help.points": "Points: tracks without room for a symbol. Unknown, suspect and protected ones, and those with an alert, come first.",
  "help.drag": "Drag a label to move it; double-click it to let it go.",
  "layer.ellipse": "Uncertainty of the selected track",
} as const;
