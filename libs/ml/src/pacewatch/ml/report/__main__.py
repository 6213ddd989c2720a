"""`python -m pacewatch.ml.report`: see `report`."""

import sys

from pacewatch.ml.report.report import main

sys.exit(main())
