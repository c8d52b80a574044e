"""The types a skops file may name without anybody's trust, beside those skops itself allows: the allow-list we ship.

An entry is a pair, how skops would rebuild it and what: `Tree` is allowed as a tree, never as something to be called
with values of the file's choosing. All of them hold data and call nothing when rebuilt. What skops deliberately leaves
out, because the content can crash the process (trees index without checking), is checked by `sound.py` after loading.

Made from what every estimator of scikit-learn refers to once fitted, and swept with each version in TESTED (1.6 with
skops 0.13, 1.7 with 0.14, 1.8 and 1.9 with 0.16; the tests sweep the one that is installed). The names of all of them
stand in one list, as a name that a version does not have opens nothing there. What a newer version names anew is not
allowed, and loading says so.
"""

from __future__ import annotations

from functools import cache

TESTED = ("1.6", "1.7", "1.8", "1.9")  # scikit-learn, minor versions

_SKLEARN = """
ObjectNode sklearn._loss.link HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit
TupleNode sklearn._loss.link Interval
ObjectNode sklearn._loss.loss AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss
ObjectNode sklearn._loss.loss HalfPoissonLoss HalfSquaredError HuberLoss PinballLoss
ObjectNode sklearn.ensemble._hist_gradient_boosting.binning _BinMapper
ObjectNode sklearn._loss.loss HalfTweedieLoss HalfTweedieLossIdentity HalfBinomialLossArrayAPI
ObjectNode sklearn._loss.loss HalfMultinomialLossArrayAPI HalfPoissonLossArrayAPI
ObjectNode sklearn.calibration _CalibratedClassifier _SigmoidCalibration _TemperatureScaling
ObjectNode sklearn.cluster._bisect_k_means _BisectingTree
ObjectNode sklearn.ensemble._hist_gradient_boosting.predictor TreePredictor
ObjectNode sklearn.frozen._frozen FrozenEstimator
ObjectNode sklearn.gaussian_process._gpc _BinaryGaussianProcessClassifierLaplace
ObjectNode sklearn.gaussian_process.kernels CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation
ObjectNode sklearn.gaussian_process.kernels Matern PairwiseKernel Product RBF RationalQuadratic Sum WhiteKernel
TupleNode sklearn.gaussian_process.kernels Hyperparameter
ObjectNode sklearn.impute._iterative IterativeImputer
TupleNode sklearn.impute._iterative _ImputerTriplet
ObjectNode sklearn.metrics._scorer _CurveScorer _MultimetricScorer _PassthroughScorer _Scorer
ObjectNode sklearn.model_selection._search ParameterGrid ParameterSampler
ObjectNode sklearn.model_selection._search_successive_halving HalvingGridSearchCV HalvingRandomSearchCV
ObjectNode sklearn.model_selection._split GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut
ObjectNode sklearn.model_selection._split LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold
ObjectNode sklearn.model_selection._split RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold
ObjectNode sklearn.model_selection._split StratifiedShuffleSplit TimeSeriesSplit _CVIterableWrapper
ObjectNode sklearn.multiclass _ConstantPredictor
ObjectNode sklearn.neighbors._ball_tree BallTree BallTree32 BallTree64
ObjectNode sklearn.neighbors._kd_tree KDTree KDTree32 KDTree64
ObjectNode sklearn.neural_network._stochastic_optimizers AdamOptimizer SGDOptimizer
ObjectNode sklearn.utils._metadata_requests MetadataRequest MethodMetadataRequest
ObjectNode sklearn.compose._column_transformer make_column_selector _RemainderColsList
ListNode sklearn.compose._column_transformer _RemainderColsList
DictNode sklearn.utils._bunch Bunch
TreeNode sklearn.tree._tree Tree
FunctionNode sklearn.cluster._kmeans _kmeans_single_lloyd _kmeans_single_elkan
FunctionNode sklearn.feature_selection._mutual_info mutual_info_classif mutual_info_regression
FunctionNode sklearn.feature_selection._univariate_selection chi2 f_classif f_oneway f_regression r_regression
FunctionNode sklearn.metrics._classification accuracy_score balanced_accuracy_score brier_score_loss cohen_kappa_score
FunctionNode sklearn.metrics._classification d2_brier_score d2_log_loss_score f1_score fbeta_score hamming_loss
FunctionNode sklearn.metrics._classification hinge_loss jaccard_score log_loss matthews_corrcoef precision_score
FunctionNode sklearn.metrics._classification recall_score zero_one_loss
FunctionNode sklearn.metrics._ranking average_precision_score coverage_error dcg_score
FunctionNode sklearn.metrics._ranking label_ranking_average_precision_score label_ranking_loss ndcg_score
FunctionNode sklearn.metrics._ranking roc_auc_score top_k_accuracy_score
FunctionNode sklearn.metrics._regression d2_absolute_error_score d2_pinball_score d2_tweedie_score
FunctionNode sklearn.metrics._regression explained_variance_score max_error mean_absolute_error
FunctionNode sklearn.metrics._regression mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss
FunctionNode sklearn.metrics._regression mean_poisson_deviance mean_squared_error mean_squared_log_error
FunctionNode sklearn.metrics._regression mean_tweedie_deviance median_absolute_error r2_score root_mean_squared_error
FunctionNode sklearn.metrics._regression root_mean_squared_log_error
FunctionNode sklearn.metrics.cluster._supervised adjusted_mutual_info_score adjusted_rand_score completeness_score
FunctionNode sklearn.metrics.cluster._supervised fowlkes_mallows_score homogeneity_score mutual_info_score
FunctionNode sklearn.metrics.cluster._supervised normalized_mutual_info_score rand_score v_measure_score
FunctionNode sklearn.metrics.pairwise additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity
FunctionNode sklearn.metrics.pairwise euclidean_distances haversine_distances laplacian_kernel linear_kernel
FunctionNode sklearn.metrics.pairwise manhattan_distances nan_euclidean_distances polynomial_kernel rbf_kernel
FunctionNode sklearn.metrics.pairwise sigmoid_kernel
"""
_DISTANCES = (
    "BrayCurtis Canberra Chebyshev Dice Euclidean Hamming Haversine Jaccard Kulsinski Mahalanobis Manhattan Matching "
    "Minkowski RogersTanimoto RussellRao SEuclidean SokalMichener SokalSneath"
)
_NUMPY_AND_SCIPY = """
DTypeNode numpy dtype
FunctionNode numpy around array asarray clip max mean median min nan_to_num nanmean nanmedian prod round std sum var
TypeNode numpy asarray array
TypeNode collections OrderedDict
DictNode collections OrderedDict
FunctionNode scipy._lib.array_api_compat.numpy._aliases asarray
ObjectNode scipy.interpolate._bsplines BSpline
SparseMatrixNode scipy.sparse._bsr bsr_array bsr_matrix
SparseMatrixNode scipy.sparse._coo coo_array coo_matrix
SparseMatrixNode scipy.sparse._csc csc_array csc_matrix
SparseMatrixNode scipy.sparse._csr csr_array csr_matrix
SparseMatrixNode scipy.sparse._dia dia_array dia_matrix
"""
_LOOK_ALIKES = """
ObjectNode imblearn.base FunctionSampler
ObjectNode imblearn.combine._smote_enn SMOTEENN
ObjectNode imblearn.combine._smote_tomek SMOTETomek
ObjectNode imblearn.ensemble._bagging BalancedBaggingClassifier
ObjectNode imblearn.ensemble._easy_ensemble EasyEnsembleClassifier
ObjectNode imblearn.ensemble._forest BalancedRandomForestClassifier
ObjectNode imblearn.ensemble._weight_boosting RUSBoostClassifier
ObjectNode imblearn.metrics.pairwise ValueDifferenceMetric
ObjectNode imblearn.over_sampling._adasyn ADASYN
ObjectNode imblearn.over_sampling._random_over_sampler RandomOverSampler
ObjectNode imblearn.over_sampling._smote.base SMOTE SMOTEN SMOTENC
ObjectNode imblearn.over_sampling._smote.cluster KMeansSMOTE
ObjectNode imblearn.over_sampling._smote.filter BorderlineSMOTE SVMSMOTE
ObjectNode imblearn.pipeline Pipeline
ObjectNode imblearn.under_sampling._prototype_generation._cluster_centroids ClusterCentroids
ObjectNode imblearn.under_sampling._prototype_selection._condensed_nearest_neighbour CondensedNearestNeighbour
ObjectNode imblearn.under_sampling._prototype_selection._edited_nearest_neighbours AllKNN EditedNearestNeighbours
ObjectNode imblearn.under_sampling._prototype_selection._edited_nearest_neighbours RepeatedEditedNearestNeighbours
ObjectNode imblearn.under_sampling._prototype_selection._instance_hardness_threshold InstanceHardnessThreshold
ObjectNode imblearn.under_sampling._prototype_selection._nearmiss NearMiss
ObjectNode imblearn.under_sampling._prototype_selection._neighbourhood_cleaning_rule NeighbourhoodCleaningRule
ObjectNode imblearn.under_sampling._prototype_selection._one_sided_selection OneSidedSelection
ObjectNode imblearn.under_sampling._prototype_selection._random_under_sampler RandomUnderSampler
ObjectNode imblearn.under_sampling._prototype_selection._tomek_links TomekLinks
"""
# Their sklearn wrappers, stored without the booster, which has a file of its own.
BOOSTERS = """
ObjectNode xgboost.sklearn XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor
ObjectNode lightgbm.sklearn LGBMClassifier LGBMRegressor LGBMRanker LGBMModel _LGBMLabelEncoder
"""


@cache
def allowed() -> frozenset[tuple[str, str]]:
    """The pairs (skops loader, full type name) of the allow-list."""
    lists = _SKLEARN + _NUMPY_AND_SCIPY + _LOOK_ALIKES + BOOSTERS
    rows = (line.split() for line in lists.splitlines() if line)
    pairs = {(loader, f"{module}.{name}") for loader, module, *names in rows for name in names}
    metrics = "sklearn.metrics._dist_metrics"
    pairs |= {("ObjectNode", f"{metrics}.{kind}Distance{bits}") for kind in _DISTANCES.split() for bits in (32, 64)}
    return frozenset(pairs)


@cache
def allowed_names() -> frozenset[str]:
    """All names of the allow-list, however they may be rebuilt."""
    return frozenset(name for _, name in allowed())
