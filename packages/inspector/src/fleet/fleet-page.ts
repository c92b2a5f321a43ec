import { createHash } from 'node:crypto'
import { texts } from '#page'
import type { Fleet } from '../view/view.js'

/**
 * One HTML file that shows several inspectors' snapshots and asks nobody for anything: script, style
 * and data are in it. What instances sent is data to it, and only this script may run.
 */
export function fleetPage(fleet: Fleet): string {
  const script = inside('script', texts['inspector.js'] ?? '')
  const style = inside('style', texts['inspector.css'] ?? '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>truehop fleet</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript to show what is in it.</noscript>
<div id="app"></div>
<script id="fleet" type="application/json">${json(fleet)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** Nothing is loaded, and nothing but what was hashed here runs. */
function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** Without the text that ends the element, which is the same in a string of a script. */
function inside(element: 'script' | 'style', text: string): string {
  return text.replaceAll(new RegExp(`</(?=${element})`, 'gi'), '<\\/')
}

/** Nothing in it ends the element, or begins a comment in which its end would not count. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
