#!/bin/sh
# Look the scripts and the configuration of releases over, with tools pinned by packaging/lint.lock in an environment of
# their own.
set -eu
cd "$(dirname "$0")/.."
bin=build/lint/bin
if ! cmp -s packaging/lint.lock build/lint/lock; then
    rm -rf build/lint
    "${PYTHON:-python3}" -m venv build/lint
    "$bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes -r packaging/lint.lock
    cp packaging/lint.lock build/lint/lock
fi
# shellcheck disable=SC2046 # names without spaces
"$bin/shellcheck" --external-sources --source-path=SCRIPTDIR $(grep -rlE '^#!/bin/sh|^# shellcheck shell=sh' packaging)
"$bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$bin/zizmor" --offline --no-progress --persona pedantic .github/workflows
