// Bundles service.mjs into one file of each form with each bundler; only the framework stays an import.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import webpack from 'webpack'

const input = fileURLToPath(new URL('service.mjs', import.meta.url))
const output = fileURLToPath(new URL('bundles', import.meta.url))
const external = ['fastify']
const FORMS = [
  { format: 'cjs', extension: 'cjs' },
  { format: 'esm', extension: 'mjs' },
]

/** What esbuild needs for CommonJS packages such as fastify-plugin in an ES module. */
const REQUIRE =
  "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"

async function withEsbuild({ format, extension }) {
  const outfile = `${output}/esbuild.${extension}`
  const banner = format === 'esm' ? { js: REQUIRE } : {}
  const common = { bundle: true, platform: 'node', logLevel: 'warning' }
  await build({ ...common, entryPoints: [input], external, format, outfile, banner })
}

async function withRolldown({ format, extension }) {
  const bundle = await rolldown({ input, external, platform: 'node' })
  await bundle.write({ file: `${output}/rolldown.${extension}`, format, codeSplitting: false })
  await bundle.close()
}

function withWebpack({ format, extension }, name = 'webpack', lookup = {}) {
  const esm = format === 'esm'
  const compiler = webpack({
    mode: 'production',
    target: 'node20',
    entry: input,
    externals: { fastify: `${esm ? 'module' : 'commonjs'} fastify` },
    resolve: lookup,
    experiments: { outputModule: esm },
    output: {
      path: output,
      filename: `${name}.${extension}`,
      library: { type: esm ? 'module' : 'commonjs2' },
    },
    plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
  })
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      const report = stats?.toString({ all: false, errors: true, warnings: true }) ?? ''
      if (error ?? report !== '') reject(error ?? new Error(report))
      else resolve()
    })
  })
}

for (const form of FORMS) {
  await withEsbuild(form)
  await withRolldown(form)
  await withWebpack(form)
}

/** Told to take what Node takes, it finds the CommonJS files, with the framework as an ES module. */
const NODE = { conditionNames: ['node', 'import', 'require'] }
await withWebpack({ format: 'esm', extension: 'mjs' }, 'webpack-node', NODE)
