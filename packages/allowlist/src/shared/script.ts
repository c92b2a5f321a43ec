/**
 * Maximum number of changes that the store keeps; an instance that missed more reads all entries
 * again.
 */
const KEPT_CHANGES = 50_000

/** Maximum number of changes in one answer: the server does nothing else meanwhile. */
export const CHANGES_PER_ANSWER = 400

/** Entries of one page, about. */
const PAGE = 500

/**
 * All that is asked of the store, in one script: each call is one round trip, and all or nothing.
 *
 * KEYS: a hash of the entries, by prefix, with the fields `epoch`, `version` and `nonce` among them, so
 * that they cannot be lost without each other; a stream of changes, with `<version>-<nonce>` as ids; a
 * sorted set of what expires.
 *
 * `epoch` names one life of the store. Each change has the next version; the nonce distinguishes
 * two changes with the same version, when a fail-over lost the first of them. Times are the
 * server's.
 *
 * A change that waited, for the store or for its instance to start, does nothing where the entry was
 * added since. A change may be dated later than it was made by its time on the way, so that it must be
 * older by more than that: else an instance could not remove what it has just added. A client keeps a
 * call while it has no connection, which shows by the server's time of asking.
 *
 * ARGV[1] is JSON: `page` (a cursor) for a page of all entries; else `epoch`, `version` and `nonce` of
 * the last change known, `changes` to make, `most` entries, `slack` in milliseconds for the time on the
 * way, `asked` the server's time as the instance knows it or 0, `mine` a nonce for the changes,
 * `origin` who makes them. The answer: `ok` with the changes since, `behind` where these are not kept any
 * more, or `lost` where the store does not have what was known.
 */
export const SCRIPT = `
local entries, log, expiring = KEYS[1], KEYS[2], KEYS[3]
local ask = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function digits(number) return string.format('%.0f', number) end

if ask.page then
  local page = redis.call('HSCAN', entries, ask.page, 'COUNT', ${PAGE})
  return { digits(now), page[1], page[2] }
end

local head = redis.call('HMGET', entries, 'epoch', 'version', 'nonce')
local epoch, version, nonce = head[1], tonumber(head[2] or 0), head[3]
if not epoch then
  epoch, version, nonce = ask.mine, 0, '0'
  redis.call('DEL', log, expiring)
  redis.call('HSET', entries, 'epoch', epoch, 'version', 0, 'nonce', nonce)
end

local function purge(most)
  for _, prefix in ipairs(redis.call('ZRANGEBYSCORE', expiring, '-inf', digits(now), 'LIMIT', 0, most)) do
    redis.call('HDEL', entries, prefix)
    redis.call('ZREM', expiring, prefix)
  end
end

local function keep(kind, prefix, value)
  version = version + 1
  nonce = ask.mine
  redis.call('XADD', log, 'MAXLEN', '~', ${KEPT_CHANGES}, digits(version) .. '-' .. nonce,
    'kind', kind, 'prefix', prefix, 'value', value, 'origin', ask.origin)
  redis.call('HSET', entries, 'version', digits(version), 'nonce', nonce)
end

local late = 0
if ask.asked and ask.asked > 0 then late = math.max(0, now - ask.asked) end
local function made(change) return now - late - change.age end

local function overtaken(change)
  local held = redis.call('HGET', entries, change.prefix)
  local added = held and tonumber(string.match(held, '^%d+ (%d+) '))
  return added and added > made(change) + ask.slack
end

local function add(change)
  local held = redis.call('HEXISTS', entries, change.prefix) == 1
  if held and (change.restore or overtaken(change)) then return 0 end
  if not held and redis.call('HLEN', entries) - 3 >= ask.most then
    purge(1000)
    if redis.call('HLEN', entries) - 3 >= ask.most then return -1 end
  end
  local expires = 0
  if change.rest > 0 then expires = now + change.rest end
  local value = digits(expires) .. ' ' .. digits(made(change)) .. ' ' .. change.about
  redis.call('HSET', entries, change.prefix, value)
  if expires > 0 then redis.call('ZADD', expiring, digits(expires), change.prefix)
  else redis.call('ZREM', expiring, change.prefix) end
  keep('add', change.prefix, value)
  return 1
end

local function remove(change)
  if overtaken(change) then return 0 end
  if redis.call('HDEL', entries, change.prefix) == 0 then return 0 end
  redis.call('ZREM', expiring, change.prefix)
  keep('remove', change.prefix, digits(made(change)) .. ' ' .. change.about)
  return 1
end

purge(100)
local outcomes = {}
for i, change in ipairs(ask.changes) do
  if change.kind == 'add' then outcomes[i] = add(change) else outcomes[i] = remove(change) end
end

local status, rows = 'ok', {}
if ask.epoch ~= epoch then
  status = 'lost'
  if ask.epoch == '' then status = 'behind' end
elseif ask.version > version or (ask.version == version and ask.nonce ~= nonce) then
  status = 'lost'
elseif ask.version < version then
  local kept = redis.call('XRANGE', log, digits(ask.version) .. '-0', '+', 'COUNT', ${CHANGES_PER_ANSWER + 1})
  local first = kept[1] and kept[1][1] or ''
  local known = digits(ask.version) .. '-' .. ask.nonce
  if ask.version == 0 then
    if string.sub(first, 1, 2) ~= '1-' then status = 'behind' end
  elseif first == known then table.remove(kept, 1)
  elseif string.sub(first, 1, #digits(ask.version) + 1) == digits(ask.version) .. '-' then status = 'lost'
  else status = 'behind' end
  if status == 'ok' then
    for _, change in ipairs(kept) do
      local fields = change[2]
      table.insert(rows, { change[1], fields[2], fields[4], fields[6], fields[8] })
    end
  end
end
return { digits(now), status, epoch, digits(version), nonce, outcomes, rows }
`
