import type { Metered } from '@truehop/ip/internal'

const inspectors = new Set<Metered>()

/**
 * The inspectors of this process that are open: for `observe` of `@truehop/identity/opentelemetry`. On
 * Fastify each is registered in a scope of its own, where the application cannot reach it.
 */
export const openInspectors: Iterable<Metered> = {
  [Symbol.iterator]: () => inspectors.values(),
}

export function addInspector(inspector: Metered): void {
  inspectors.add(inspector)
}

export function removeInspector(inspector: Metered): void {
  inspectors.delete(inspector)
}
