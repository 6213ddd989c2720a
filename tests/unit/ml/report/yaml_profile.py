"""A profile as YAML."""

YAML = """
name: pump
device_noun: pump
device_field: pump_id
signals:
  - {name: flow_l_min, label: flow, unit: l/min, plausible: [0, 100], normal: [10, 20]}
required_features:
  - {kinds: [RollingMean, DeltaPerDay], signals: [flow_l_min], days: [3, 7]}
attributes:
  - {name: installed_at, kind: date, is_predictor: true}
  - {name: model, kind: text, is_predictor: true, values: [A, B]}
  - {name: site, kind: text}
label: {name: fails, horizon_days: 7}
"""
