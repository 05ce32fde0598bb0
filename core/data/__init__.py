"""Where samples come from: toy sets, gates, typed-in points, MNIST, image folders and tables."""

from typing import TYPE_CHECKING

from core.catalog.base import union_of
from core.data.base import Dataset, DataShape, DataSource, as_float

# The order of these imports is the order of the entries in a form.
# isort: off
from core.data import logic, toy, worked, mnist, idx_folder, table  # noqa: F401
# isort: on

# Any data source, told apart by its kind: what the field of a spec is annotated with.
if TYPE_CHECKING:
    DataChoice = DataSource
else:
    DataChoice = union_of(DataSource)

__all__ = ["DataChoice", "DataShape", "DataSource", "Dataset", "as_float"]
