import { createHash } from 'node:crypto'
import { LUA_ALGORITHMS } from './lua-algorithms.js'
import { LUA_CELLS } from './lua-cells.js'

/**
 * Decides a batch of acts inside the server: what `perform` does, on its clock, in one step.
 *
 * KEYS: all keys. ARGV[1]: JSON of
 *   r  rules: [algorithm, window, ban after, ban length, back-off, longest ban]; after is 0: no ban
 *   p  takes without a shadow, by form: [terms, keys], terms: [rule, capacity, limit, cost] for each
 *      line; as many keys for each take
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
local time = call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = micros / 1000
local batch = cjson.decode(ARGV[1])
local rules = batch.r
${LUA_ALGORITHMS}
local function banLength(rule, bans)
  return min(rule[6], rule[4] * rule[5] ^ (bans - 1))
end
local function forgottenAt(c, rule)
  if c[4] == 0 then return c[1] end
  return c[1] + max(rule[2], banLength(rule, c[4]))
end
local function noteRefusal(c, rule)
  if rule[3] == 0 or c[1] > now then return false end
  if c[3] <= now then c[2], c[3] = 0, now + rule[2] end
  c[2] = c[2] + 1
  if c[2] < rule[3] then return false end
  if forgottenAt(c, rule) <= now then c[4] = 0 end
  c[4] = c[4] + 1
  c[1] = now + banLength(rule, c[4])
  c[2], c[3] = 0, 0
  return true
end
${LUA_CELLS}
local reply, said = { micros }, 1
local function push(number)
  said = said + 1
  reply[said] = ceil(number)
end
local function tell(count)
  push(count.used) push(count.wait) push(count.rest) push(count.banned) push(count.began or 0)
end
local function look(line, c)
  local rule = rules[line[1]]
  local algorithm = algorithms[rule[1]]
  local window, capacity, limit, cost = rule[2], line[3], line[4], line[5]
  local banned = max(0, c[1] - now)
  local used = algorithm.used(c, window, limit)
  local allowed = max(0, capacity - cost)
  local rest = 0
  if used > 0 then rest = algorithm.wait(c, window, limit, 0) end
  if cost <= capacity and used <= allowed and banned == 0 then
    return { used = used, wait = 0, rest = rest, banned = 0 }
  end
  local wait = max(banned, algorithm.wait(c, window, limit, allowed))
  if cost > capacity then wait = max(wait, window) end
  return { used = used, wait = wait, rest = rest, banned = banned }
end
local function enter(line, c)
  local rule = rules[line[1]]
  local algorithm = algorithms[rule[1]]
  algorithm.add(c, rule[2], line[4], line[5])
  written[line[2]] = line
  local used = algorithm.used(c, rule[2], line[4])
  return { used = used, wait = 0, rest = algorithm.wait(c, rule[2], line[4], 0), banned = 0 }
end
local function refuse(line, c, count)
  local rule = rules[line[1]]
  if rule[3] == 0 then return end
  if noteRefusal(c, rule) then
    count.banned = c[1] - now
    count.wait = max(count.wait, count.banned)
    count.began = 1
  end
  written[line[2]] = line
end

local function take(lines)
  local counts, done = {}, true
  for i, line in ipairs(lines) do
    counts[i] = look(line, cell(line))
    if counts[i].wait > 0 and line[6] == 0 then done = false end
  end
  for i, line in ipairs(lines) do
    local count = counts[i]
    if count.wait > 0 then
      refuse(line, cell(line), count)
    elseif done then
      counts[i] = enter(line, cell(line))
    end
  end
  return done, counts
end
local function sayTaken(term, used, rest)
  push(used)
  if rules[term[1]][1] ~= 0 then push(rest) end
end
local found = {}
local function probeAll(terms, keys, at)
  for i, term in ipairs(terms) do
    local o = 6 * i
    local a, b, sum, used, rest, isNew = probe(term, keys[at + i])
    if a == nil then return false end
    found[o], found[o + 1], found[o + 2] = a, b, sum
    found[o + 3], found[o + 4], found[o + 5] = used, rest, isNew
  end
  return true
end
local function takeForm(terms, keys, at)
  if probeAll(terms, keys, at) then
    for i, term in ipairs(terms) do
      local o = 6 * i
      put(term, keys[at + i], found[o], found[o + 1], found[o + 2], found[o + 4], found[o + 5])
      sayTaken(term, found[o + 3], found[o + 4])
    end
    return
  end
  local lines = {}
  for i, term in ipairs(terms) do
    lines[i] = { term[1], keys[at + i], term[2], term[3], term[4], 0 }
  end
  local done, counts = take(lines)
  if not done then push(-1) end
  for i, count in ipairs(counts) do
    if done then sayTaken(terms[i], count.used, count.rest) else tell(count) end
  end
end
local function change(act, value, lines)
  push(1)
  for _, line in ipairs(lines) do
    local c, rule = cell(line), rules[line[1]]
    if act == 2 then
      enter(line, c)
    elseif act == 3 then
      algorithms[rule[1]].refund(c, rule[2], line[4], line[5], value)
      written[line[2]] = line
    elseif act == 4 then
      c = { 0, 0, 0, 0 }
      cells[line[2]] = c
      written[line[2]] = line
    elseif act == 5 then
      if forgottenAt(c, rules[line[1]]) <= now then c[4] = 0 end
      c[1] = max(c[1], now + value)
      written[line[2]] = line
    end
    tell(look(line, c))
  end
end

for _, form in ipairs(batch.p) do
  local terms, keys = form[1], form[2]
  for at = 0, #keys - 1, #terms do takeForm(terms, keys, at) end
end
for _, act in ipairs(batch.a) do
  if act[1] == 0 then
    local done, counts = take(act[3])
    push(done and 1 or 0)
    for _, count in ipairs(counts) do tell(count) end
  else
    change(act[1], act[2], act[3])
  end
end
for key, line in pairs(written) do write(key, line) end
return reply
`

export const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex')
