export {
  clientKind,
  type IoredisLike,
  type NodeRedisLike,
  type RedisClient,
  surviveErrors,
} from './client.js'
export { isClusterClient, nodeOfSlot } from './cluster.js'
export { ScriptRunner } from './script-runner.js'
