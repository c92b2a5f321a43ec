import { LONGEST_TIME } from '../../decide/rule.js'
import { PARTS } from '../../decide/sliding-window.js'
import { LUA_REST } from './lua-rest.js'
import { LUA_TAKES } from './lua-takes.js'

/**
 * Decides a batch of acts inside the server: what `perform` does, on its clock, in one step.
 *
 * KEYS: all keys. ARGV[1]: JSON of
 *   r  rules: [algorithm, window, ban after, ban length, back-off, longest ban]; after is 0: no ban
 *   p  takes of a cost above 0 without a shadow, by form: [terms, number of takes, keys], terms: [rule,
 *      capacity, limit, cost] for each line; as many keys for each take. In place of keys that follow
 *      each other in KEYS, the number of the one before them
 *   a  other acts: [act, since or length, lines], a line: [rule, key, capacity, limit, cost, shadow]
 * Answers with integers, milliseconds rounded up, in that order: microseconds of the clock, then
 *   for each take of p   for each line used, and but for a sliding window rest; or -1 and the
 *                        numbers of its lines
 *   for each act of a    done, and the numbers of its lines
 * Numbers of a line: used, wait, rest, banned, and 1 where a ban began.
 */
export const SCRIPT = `
local call, unpackNumbers, packNumbers = redis.call, struct.unpack, struct.pack
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local PARTS, LONGEST_TIME, MARK = ${PARTS}, ${LONGEST_TIME}, 7236001
local HEAD, HEAD_FORM, SIZE = '<ddddddd', '<dddddddddd', 80
local STALE, MOST = {}, ${Number.MAX_SAFE_INTEGER}
local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = micros / 1000
local batch = cjson.decode(ARGV[1])
local rules = batch.r
-- Lua's stack has room for fewer than 8000.
local packed = #KEYS <= 1000 and call('MGET', unpack(KEYS)) or {}
for from = #packed + 1, #KEYS, 1000 do
  local some = call('MGET', unpack(KEYS, from, min(from + 999, #KEYS)))
  for i = 1, #some do packed[from + i - 1] = some[i] end
end
local cells, written = {}, {}
local reply, said = { micros }, 1
-- Units charged after the fact have no bound, and Redis makes a negative integer of what exceeds 64 bits.
local function push(number)
  local beyond = number % 1
  if beyond > 0 then number = number - beyond + 1 end
  if number > MOST then number = MOST end
  said = said + 1
  reply[said] = number
end
local function textOf(key)
  local text = packed[key]
  if text == STALE then
    text = call('GET', KEYS[key])
    packed[key] = text
  end
  return text
end
-- To be dropped a part later than needed. What the server takes for now may be a little behind TIME.
-- Milliseconds as text: redis.call would print a number with 17 digits, and take longer for it.
local function set(key, rule, rest, a, b, sum, oldest, banned, refusals, counted, bans, others)
  local length = ceil(rest + rule[2] / PARTS)
  local head = packNumbers(HEAD_FORM, MARK + rule[1], a, b, sum, oldest, now + length - 2,
    banned, refusals, counted, bans)
  call('SET', KEYS[key], head .. others, 'PX', string.format('%.0f', length))
end
${LUA_REST}
${LUA_TAKES}
for _, act in ipairs(batch.a) do rest().act(act[1], act[2], act[3]) end
if next(written) then rest().writeAll() end
return reply
`
