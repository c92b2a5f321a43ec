// The suite for stores, run by a worker of node:cluster whose primary counts, or does not. Runs on
// what the build wrote.
import cluster from 'node:cluster'
import { ClusterStore, startClusterStore } from '@truehop/rate-limit'
import { storeCases } from '@truehop/rate-limit/store-tests'

const [mode] = process.argv.slice(2)

if (cluster.isPrimary) {
  if (mode === 'counting') startClusterStore()
  cluster.fork()
  cluster.on('message', (_worker, message) => {
    if (message.failed === undefined && message.warning === undefined) return
    process.send?.(message)
    cluster.disconnect(() => process.exit())
  })
} else if (mode === 'counting') {
  const store = ClusterStore.ofWorker()
  const failed = []
  for (const { name, run } of storeCases) {
    await run(store).catch((error) => failed.push(`${name}: ${error.message}`))
  }
  process.send?.({ failed, cases: storeCases.length })
} else {
  process.on('warning', (warning) => {
    const code = 'code' in warning ? warning.code : undefined
    process.send?.({ warning: code, message: warning.message })
  })
  ClusterStore.ofWorker()
}
