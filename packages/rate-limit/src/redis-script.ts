import { type IoredisLike, isIoredis, type RedisClient } from './redis-client.js'

/** Runs one script inside the server, on any number of keys. Rejects as the client does. */
export type RedisScript = (keys: readonly string[], values: readonly string[]) => Promise<unknown>

/**
 * A script of Lua under a name, through either kind of client. Ioredis sends its hash once the
 * server has it, node-redis the text each time.
 */
export function redisScript(client: RedisClient, name: string, lua: string): RedisScript {
  if (!isIoredis(client)) {
    return (keys, values) => client.eval(lua, { keys: [...keys], arguments: [...values] })
  }
  client.defineCommand(name, { lua })
  return commandOf(client, name)
}

function commandOf(client: IoredisLike, name: string): RedisScript {
  return async (keys, values) => {
    const run: unknown = Reflect.get(client, name)
    if (typeof run !== 'function') throw new TypeError(`the client has lost its command ${name}`)
    return Reflect.apply(run, client, [[String(keys.length), ...keys, ...values]])
  }
}

/**
 * Charges each key with its cost and tells what is consumed then, and the milliseconds to the end
 * of its window or block. A key without an end gets one: it would refuse for ever. What Redis says
 * against one key stands in place of its count, and the others are counted all the same.
 *
 * ARGV: window, limit and block in seconds, quota units and seconds; then the costs where not all are 1.
 */
export const CHARGE = `
local window, limit, block = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local counts = {}
for i, key in ipairs(KEYS) do
  local cost = ARGV[3 + i] or '1'
  local consumed = redis.pcall('INCRBY', key, cost)
  local left = 0
  if type(consumed) == 'table' then
    consumed = consumed.err
  else
    local before = consumed - tonumber(cost)
    if block > 0 and consumed > limit and before <= limit then
      redis.call('EXPIRE', key, block)
      left = block * 1000
    else
      left = before == 0 and -1 or redis.call('PTTL', key)
      if left < 0 then
        redis.call('EXPIRE', key, window)
        left = window * 1000
      end
    end
  end
  counts[2 * i - 1], counts[2 * i] = consumed, left
end
return counts`

/** What is consumed of each key, false where nothing is, and the milliseconds to its end. */
export const PEEK = `
local counts = {}
for i, key in ipairs(KEYS) do
  counts[2 * i - 1], counts[2 * i] = redis.call('GET', key), redis.call('PTTL', key)
end
return counts`
