#!/bin/bash -eu
# Run by OSS-Fuzz in a clone of the repository: builds what the targets load, and makes a fuzzer of each.

pnpm=$(node --print "require('./package.json').packageManager")
npx --yes "$pnpm" install --frozen-lockfile
npx --yes "$pnpm" add --save-dev --workspace-root @jazzer.js/core
npm run fuzz:build

for target in oss-fuzz/targets/*.cjs; do
  compile_javascript_fuzzer truehop "$target"
done
