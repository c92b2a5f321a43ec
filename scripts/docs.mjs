/**
 * The documentation as a site, by VitePress. What builds it is installed in `site/` by this script
 * alone, so that those who install or start truehop do without.
 *
 *   npm run docs                  serves the site while pages are written
 *   npm run docs:build            writes it to site/dist; DOCS_BASE is the path it will be served from
 *   node scripts/docs.mjs pages   the same, with the packages as they are built
 */
import './help.mjs'
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pnpm } from './pnpm.mjs'
import { root, run, step, tool, toolStep } from './workspace.mjs'

const site = join(root, 'site')
const inSite = { cwd: site }

function installSite() {
  const options = ['--frozen-lockfile', '--config.confirmModulesPurge=false']
  const shell = process.platform === 'win32'
  step('install what builds the site', 'npx', pnpm('install', ...options), { ...inSite, shell })
}

/** Compiles the packages, whose declarations the reference is made from, and the playground. */
function buildPackages() {
  toolStep('build', tool('typescript', 'tsc'), ['-b'])
  step('build the playground', process.execPath, ['packages/inspector/page/build.mjs'])
}

/** Files that the site serves as they are. */
function copyAssets() {
  const assets = join(site, 'public')
  rmSync(assets, { recursive: true, force: true })
  mkdirSync(assets)
  const app = join(assets, 'playground/app')
  cpSync(join(root, 'docs/playground/dist'), join(app, 'dist'), { recursive: true })
  copyFileSync(join(root, 'docs/playground/index.html'), join(app, 'index.html'))
  copyFileSync(join(root, 'llms.txt'), join(assets, 'llms.txt'))
  copyFileSync(join(root, 'packages/inspector/page/icon.svg'), join(assets, 'icon.svg'))
}

/** With room for what is young: half of the time would go into collecting garbage. */
function vitepress(...args) {
  const script = join(site, 'node_modules/vitepress/bin/vitepress.js')
  return [process.execPath, ['--max-semi-space-size=64', script, ...args], inSite]
}

function prepareSite() {
  copyAssets()
  step('write the reference', process.execPath, ['reference.mjs'], inSite)
}

const [command, ...args] = process.argv.slice(2)
installSite()
if (command !== 'pages') buildPackages()
prepareSite()
if (command === 'build' || command === 'pages') {
  step('build the site', ...vitepress('build', '.'))
} else {
  process.exitCode = run(
    ...vitepress('dev', '.', ...(command === undefined ? [] : [command, ...args])),
  )
}
