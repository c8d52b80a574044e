"""The technical documentation that Annex IV of the EU AI Act lists, and where each point of it can be found here.

Regulation (EU) 2024/1689, Annex IV, points 1 to 9, in short words of ours. It says where to look; that a point has a
place here does not say that what stands there is enough: nothing here claims compliance.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

By = Literal["registry", "person", "both", "not covered here"]

CLAIM = "It says where to look. It does not say that what stands there is enough, and claims no compliance."


class Point(NamedTuple):
    """One point of the annex: what it asks, who supplies it here, and in which field or section."""

    number: str
    asks: str
    by: By
    where: str = ""  # the field of the registry, or the section that a person writes
    section: str = ""  # of the card, by its key


POINTS = (
    Point("1(a)", "intended purpose, provider, version and its predecessor", "both",
          "purpose, owner, version, parent; intended_use", "intended_use"),
    Point("1(b)", "how it works together with other hardware, software and AI systems", "not covered here"),
    Point("1(c)", "versions of the software it needs", "registry", "lineage.environment", "details"),
    Point("1(d)", "in which forms it is placed on the market", "not covered here"),
    Point("1(e)", "the hardware it is meant to run on", "not covered here"),
    Point("1(f)", "as part of a product: pictures of the product", "not covered here"),
    Point("1(g)", "the user interface given to who uses it", "not covered here"),
    Point("1(h)", "instructions for use", "person", "intended_use, limits", "limits"),
    Point("2(a)", "how it was developed, third-party tools and pre-trained parts", "registry",
          "lineage: notebook, slice, environment; parent", "details"),
    Point("2(b)", "design: logic, choices, assumptions, what it is optimised for", "both",
          "estimator, params, signature; intended_use, factors", "factors"),
    Point("2(c)", "architecture and computing resources", "not covered here"),
    Point("2(d)", "data: where from, how chosen and labelled, what it holds", "both",
          "lineage.data, data_source, baseline; training_data", "training_data"),
    Point("2(e)", "human oversight that is needed, and help to read the outputs", "person", "oversight", "oversight"),
    Point("2(f)", "changes that are foreseen, and how it stays as it should", "both",
          "policy; monitoring", "monitoring"),
    Point("2(g)", "validation and tests: data, metrics, discrimination; dated and signed reports", "registry",
          "validations: data, metrics, segments, results, actor, time", "analyses"),
    Point("2(h)", "cybersecurity", "not covered here"),
    Point("3", "capabilities, limits, accuracy for groups, foreseeable harm, oversight, inputs", "both",
          "validations by segment, signature; limits, ethics, oversight", "limits"),
    Point("4", "why these metrics fit this system", "both", "checks of policy and validations; evaluation_data",
          "metrics"),
    Point("5", "the risk management system", "both", "assessment, findings, broken glass; ethics", "ethics"),
    Point("6", "changes through its life", "registry", "history of the model", "details"),
    Point("7", "harmonised standards applied", "not covered here"),
    Point("8", "the EU declaration of conformity", "not covered here"),
    Point("9", "watching it in use, with a plan", "both", "drift windows, uses; monitoring", "monitoring"),
)  # fmt: skip
