"""Checks what was built from a file that names only allowed types: an honest type with forged content can still crash.

scikit-learn's compiled trees follow the node numbers they hold without looking. A child or column number out of range
reads foreign memory, a child that points back loops for ever. Here every such number is held against its range.
Not covered: libsvm's and libsvm-like counters, which skops itself lets pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nb_mlops.core.errors import Damaged, NbMlopsError
from nb_mlops.formats.graph import instances

Ints = np.ndarray[Any, np.dtype[np.integer[Any]]]


class _Unsound(Exception):
    """One number out of its range."""


def check(model: object, name: str) -> None:
    """Raises Damaged where a tree, a neighbour index or a sparse matrix in the model points outside itself."""
    from scipy.sparse import issparse, sparray, spmatrix
    from sklearn.base import BaseEstimator
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
    from sklearn.neighbors import _ball_tree, _kd_tree
    from sklearn.tree._tree import Tree

    indexes = (_kd_tree.KDTree64, _kd_tree.KDTree32, _ball_tree.BallTree64, _ball_tree.BallTree32)
    try:
        for each in instances(model, Tree, TreePredictor, BaseEstimator, sparray, spmatrix, *indexes):
            if isinstance(each, Tree):
                _tree(each)
            elif isinstance(each, indexes):
                _index(each)
            elif isinstance(each, BaseEstimator):
                _estimator(each, Tree, TreePredictor)
            elif issparse(each) and hasattr(each, "check_format"):
                each.check_format(full_check=True)
    except NbMlopsError:
        raise
    except Exception as error:  # forged content can make any of these lines fail; all of it means the same
        raise Damaged(
            f"{name} holds what no fit makes: {ascii(str(error))[1:-1][:160]}.", "Do not use it; ask whoever sent it."
        ) from error


def _require(holds: object, what: str) -> None:
    if not holds:
        raise _Unsound(what)


def _tree(tree: Any) -> None:
    left, right, count = tree.children_left, tree.children_right, tree.node_count
    _require(count == len(left), "a tree's node count is not its number of nodes")
    inner = left != -1
    _require(((right != -1) == inner).all(), "a tree node has one child")
    _links(left[inner].astype(np.int64), right[inner].astype(np.int64), np.flatnonzero(inner), count)
    _require(_within(tree.feature[inner], tree.n_features), "a tree splits on a column that is not there")
    _require(_depth(left, right) <= tree.max_depth, "a tree is deeper than it says")


def _links(left: Ints, right: Ints, parents: Ints, count: int) -> None:
    """Children come after their parents, so that every walk ends, and inside the tree."""
    for children in (left, right):
        _require(_within(children, count) and (children > parents).all(), "a tree node's child is no later node")


def _within(numbers: Ints, limit: int) -> bool:
    return not len(numbers) or (int(numbers.min()) >= 0 and int(numbers.max()) < limit)


def _depth(left: Ints, right: Ints) -> int:
    level, depth = np.zeros(1, dtype=np.int64), -1
    while len(level):
        depth += 1
        level = np.concatenate([left[level], right[level]])
        level = level[level >= 0]
        _require(depth <= len(left) and len(level) <= len(left), "a tree has nodes with two parents")
    return depth


def _estimator(owner: Any, tree_type: Any, predictor_type: Any) -> None:
    """An ensemble hands its rows to its trees without asking their width."""
    width = getattr(owner, "n_features_in_", None)
    if not isinstance(width, (int, np.integer)):
        return
    for tree in (each for each in _trees_of(owner) if isinstance(each, tree_type)):
        _require(tree.n_features <= width, "a tree expects more columns than its model takes")
    for stage in getattr(owner, "_predictors", None) or ():
        for each in stage:
            _require(isinstance(each, predictor_type), "a boosting stage is no tree")
            _predictor(each, int(width))


def _trees_of(owner: Any) -> Iterator[Any]:
    if hasattr(owner, "tree_"):
        yield owner.tree_
    inner = getattr(owner, "estimators_", None)
    if inner is None or isinstance(inner, dict) or hasattr(owner, "estimators_features_"):
        return
    for each in np.ravel(np.asarray(inner, dtype=object)) if isinstance(inner, np.ndarray) else inner:
        if hasattr(each, "tree_"):
            yield each.tree_


def _predictor(predictor: Any, width: int) -> None:
    nodes = predictor.nodes
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    _links(nodes["left"][inner].astype(np.int64), nodes["right"][inner].astype(np.int64), inner, len(nodes))
    _require(_within(nodes["feature_idx"][inner], width), "a boosted tree splits on a column that is not there")
    by_category = inner[nodes["is_categorical"][inner] != 0]
    sets = min(len(predictor.raw_left_cat_bitsets), len(predictor.binned_left_cat_bitsets))
    _require(_within(nodes["bitset_idx"][by_category], sets), "a boosted tree looks up categories that are not there")
    shapes = (predictor.raw_left_cat_bitsets.shape[1:], predictor.binned_left_cat_bitsets.shape[1:])
    _require(shapes == ((8,), (8,)), "a boosted tree's category sets have the wrong width")


def _index(index: Any) -> None:
    """KDTree and BallTree: data, order of rows, nodes that are spans of it, bounds, and the sizes of all these."""
    data, order, nodes, bounds, _leaf_size, levels, count, *_ = index.__getstate__()
    rows = len(data)
    _require(len(order) == rows and _within(order, rows), "a neighbour index names rows that are not there")
    _require(count == len(nodes) == 2**levels - 1, "a neighbour index has another number of nodes than it says")
    start, end = nodes["idx_start"], nodes["idx_end"]
    _require((start >= 0).all() and (start <= end).all() and (end <= rows).all(), "a neighbour index has a bad span")
    _require(bounds.ndim == 3 and bounds.shape[1:] == (count, data.shape[1]), "a neighbour index has the wrong bounds")
    _require((nodes["is_leaf"][count // 2 :] != 0).all(), "a neighbour index has no end")
