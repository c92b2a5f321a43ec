/**
 * What makes Fastify 5 run a plugin on the instance it is registered on, not on a child of it, and
 * refuse another major version. The same as `fastify-plugin` sets, which takes longer to load than
 * this whole package.
 */
export function actsOnItsScope(name: string): Record<symbol, unknown> {
  return {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
    [Symbol.for('plugin-meta')]: { fastify: '5.x', name },
  }
}
