"""The one version of Pacewatch: every distribution, the command line and every API document take it from here."""

VERSION = "0.1.0"
