#!/bin/bash -eu
# Run by OSS-Fuzz in a clone of the repository: builds what the targets load, and puts a program for each, with
# the inputs to begin with, into $OUT. That folder is all there is where they run, and the Node of those images is
# older than truehop supports: it holds one of its own.

npm install --global --prefix "$WORK/node" node@24
PATH="$WORK/node/bin:$PATH"
pnpm=$(node --print "require('./package.json').packageManager")
npx --yes "$pnpm" install --frozen-lockfile
npx --yes "$pnpm" add --save-dev --workspace-root @jazzer.js/core@4.0.0
npm run fuzz:build

cp --recursive . "$OUT/truehop"
cp "$(node --print process.execPath)" "$OUT/truehop/node"
node oss-fuzz/write-seeds.mjs "$WORK/seeds"

for file in oss-fuzz/targets/*.mjs; do
  name=$(basename "$file" .mjs)
  (cd "$WORK/seeds/$name" && zip --quiet --recurse-paths "$OUT/${name}_seed_corpus.zip" .)
  # OSS-Fuzz takes a program for a target that has LLVMFuzzerTestOneInput in it.
  cat > "$OUT/$name" << EOF
#!/bin/bash
# LLVMFuzzerTestOneInput
here=\$(cd "\$(dirname "\$0")" && pwd)/truehop
exec "\$here/node" "\$here/node_modules/@jazzer.js/core/dist/cli.js" "\$here/$file" -- "\$@"
EOF
  chmod +x "$OUT/$name"
done
