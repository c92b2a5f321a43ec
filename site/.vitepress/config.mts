import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vitepress'
import { linksOfTheRepository } from '../markdown/links.ts'
import { slugOf } from '../markdown/slug.ts'
import { readableTables } from '../markdown/tables.ts'
import { tabs } from '../markdown/tabs.ts'
import { addressOf, excluded, repository, root } from '../pages.ts'
import { searchOptions } from '../search.ts'
import { sidebar } from '../sidebar.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(`${root}packages/identity/package.json`, 'utf8'),
)

const base = `/${process.env['DOCS_BASE'] ?? ''}/`.replaceAll(/\/+/g, '/')

/** Pages lie where nothing is installed: what they are compiled to finds Vue here. */
const vite: UserConfig['vite'] = {
  publicDir: `${root}site/public`,
  plugins: [
    {
      name: 'vue-of-the-site',
      enforce: 'pre',
      resolveId(id, importer, options) {
        if (!/^vue(\/|$)/.test(id) || !importer?.split('?')[0]?.endsWith('.md')) return null
        return this.resolve(id, fileURLToPath(import.meta.url), { ...options, skipSelf: true })
      },
    },
  ],
}

export default defineConfig({
  title: 'truehop',
  titleTemplate: ':title · truehop',
  description: 'One authoritative client identity for a Node service behind proxies',
  base,
  srcDir: '..',
  srcExclude: [...excluded],
  outDir: './dist',
  cacheDir: './.vitepress/cache',
  cleanUrls: true,
  rewrites: addressOf,
  transformPageData: ({ relativePath, frontmatter }) =>
    relativePath === 'playground/index.md'
      ? { frontmatter: { ...frontmatter, aside: false, pageClass: 'playground-page' } }
      : undefined,
  head: [['link', { rel: 'icon', href: `${base}icon.svg`, type: 'image/svg+xml' }]],
  markdown: {
    anchor: { slugify: slugOf },
    languageAlias: { cjs: 'js', haproxy: 'nginx', promql: 'txt' },
    config: (md) => md.use(linksOfTheRepository).use(readableTables).use(tabs),
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite,
  themeConfig: {
    nav: [
      { text: 'Playground', link: '/playground/' },
      { text: 'API', link: '/reference/' },
      {
        text: version,
        items: [
          { text: 'Changes', link: '/changelog' },
          { text: 'Upgrading', link: '/upgrading' },
          { text: 'Older versions', link: `${repository}/tags` },
        ],
      },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page' },
    search: { provider: 'local', options: searchOptions(base) },
  },
})
