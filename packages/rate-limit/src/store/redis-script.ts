import { createHash } from 'node:crypto'
import { PARTS } from '../decide/sliding-window.js'

/**
 * Decides a batch of acts inside the server: what `perform` does, on its clock, in one step. The
 * algorithms are those of `decide/`, each described there; a test holds that both count alike.
 *
 * KEYS: all keys. ARGV[1]: JSON of
 *   r  rules: [algorithm, window, ban after, ban length, back-off, longest ban]; after is 0: no ban
 *   a  acts: [act, since or length, lines], a line: [rule, key, capacity, limit, cost, shadow]
 * Answers with integers, for each act: done, microseconds of the clock, and for each line:
 * used, wait, rest, banned (milliseconds, rounded up), and 1 where a ban began.
 *
 * A key holds, packed: end of ban, refusals, until when they count, bans; then what the algorithm
 * keeps. Keys are read once and written once, at the end: whatever fails before has changed nothing.
 */
export const SCRIPT = `
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = micros / 1000
local batch = cjson.decode(ARGV[1])
local PARTS = ${PARTS}
local cells, written = {}, {}
local unpackCell, packCell = cmsgpack.unpack, cmsgpack.pack
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min

local packed = redis.call('MGET', unpack(KEYS))
local function cell(key)
  local held = cells[key]
  if held == nil then
    if packed[key] then
      local ok, value = pcall(unpackCell, packed[key])
      if ok and type(value) == 'table' then held = value end
    end
    if held == nil then held = { 0, 0, 0, 0 } end
    cells[key] = held
  end
  return held
end

local sliding = {}
function sliding.used(c, window)
  local units = 0
  for i = 5, #c, 2 do
    if now - c[i] < window then units = units + c[i + 1] end
  end
  return units
end
function sliding.wait(c, window, limit, allowed)
  if allowed == 0 then
    local latest = -math.huge
    for i = 5, #c, 2 do
      if c[i + 1] > 0 and c[i] > latest then latest = c[i] end
    end
    if latest > now then return window end
    return max(0, window - (now - latest))
  end
  local inUse = sliding.used(c, window)
  if inUse <= allowed then return 0 end
  local last = -math.huge
  while inUse > allowed do
    local found = math.huge
    for i = 5, #c, 2 do
      local isInUse = c[i + 1] > 0 and now - c[i] < window
      if isInUse and c[i] > last and c[i] < found then found = c[i] end
    end
    last = found
    if last > now then return window end
    for i = 5, #c, 2 do
      if c[i] == last then inUse = inUse - c[i + 1] end
    end
  end
  return window - (now - last)
end
function sliding.add(c, window, limit, units)
  local part = window / PARTS
  local current = floor(now / part)
  local kept = 5
  for i = 5, #c, 2 do
    local last, held = min(c[i], now), c[i + 1]
    if now - last < window and held > 0 then
      if floor(last / part) == current then
        units = units + held
      else
        c[kept], c[kept + 1] = last, held
        kept = kept + 2
      end
    end
  end
  c[kept], c[kept + 1] = now, units
  for i = #c, kept + 2, -1 do c[i] = nil end
end
function sliding.refund(c, window, limit, units, since)
  while since == -1 and units > 0 do
    local latest
    for i = 5, #c, 2 do
      local isInUse = c[i + 1] > 0 and now - c[i] < window
      if isInUse and (latest == nil or c[i] > c[latest]) then latest = i end
    end
    if latest == nil then return end
    local held = c[latest + 1]
    c[latest + 1] = max(0, held - units)
    units = units - held
  end
  if since == -1 then return end
  local part = window / PARTS
  for i = 5, #c, 2 do
    if now - c[i] < window and floor(c[i] / part) == floor(since / part) then
      c[i + 1] = max(0, c[i + 1] - units)
    end
  end
end

local bucket = {}
function bucket.used(c, window, limit)
  local passed = max(0, now - (c[6] or 0))
  return max(0, (c[5] or 0) - passed * limit / window)
end
function bucket.wait(c, window, limit, allowed)
  local over = bucket.used(c, window, limit) - allowed
  if over <= 0 then return 0 end
  return over * window / limit
end
function bucket.add(c, window, limit, units)
  c[5] = bucket.used(c, window, limit) + units
  c[6] = now
end
function bucket.refund(c, window, limit, units, since)
  local passed = since == -1 and 0 or now - since
  local left = max(0, units - passed * limit / window)
  c[5] = max(0, bucket.used(c, window, limit) - left)
  c[6] = now
end

local fixed = {}
function fixed.running(c, window)
  return (c[5] or 0) > 0 and now - c[6] < window
end
function fixed.used(c, window)
  return fixed.running(c, window) and c[5] or 0
end
function fixed.wait(c, window, limit, allowed)
  if not fixed.running(c, window) or c[5] <= allowed then return 0 end
  return window - max(0, now - c[6])
end
function fixed.add(c, window, limit, units)
  if not fixed.running(c, window) then
    c[5], c[6] = 0, now
  elseif c[6] > now then
    c[6] = now
  end
  c[5] = c[5] + units
end
function fixed.refund(c, window, limit, units, since)
  if not fixed.running(c, window) or (since ~= -1 and since < c[6]) then return end
  c[5] = max(0, c[5] - units)
end

local algorithms = { [0] = sliding, bucket, fixed }

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

local reply = {}
local function push(number)
  reply[#reply + 1] = ceil(number)
end
local function tellNumbers(used, wait, rest, banned, began)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = ceil(used), ceil(wait), ceil(rest)
  reply[n + 4], reply[n + 5] = ceil(banned), began
end
local function tell(count)
  push(count.used) push(count.wait) push(count.rest) push(count.banned) push(count.began or 0)
end
local function look(line, c)
  local rule = batch.r[line[1]]
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
  local rule = batch.r[line[1]]
  local algorithm = algorithms[rule[1]]
  algorithm.add(c, rule[2], line[4], line[5])
  written[line[2]] = line
  local used = algorithm.used(c, rule[2], line[4])
  return { used = used, wait = 0, rest = algorithm.wait(c, rule[2], line[4], 0), banned = 0 }
end

-- What most acts are: one line that has room.
local function takeOne(line)
  local c, rule = cell(line[2]), batch.r[line[1]]
  local algorithm = algorithms[rule[1]]
  local window, limit, cost = rule[2], line[4], line[5]
  local used = algorithm.used(c, window, limit)
  if c[1] > now or used + cost > line[3] then return false end
  algorithm.add(c, window, limit, cost)
  written[line[2]] = line
  push(1)
  push(micros)
  tellNumbers(used + cost, 0, algorithm.wait(c, window, limit, 0), 0, 0)
  return true
end

local function take(lines)
  if #lines == 1 and takeOne(lines[1]) then return end
  local counts, done = {}, true
  for i, line in ipairs(lines) do
    counts[i] = look(line, cell(line[2]))
    if counts[i].wait > 0 and line[6] == 0 then done = false end
  end
  for i, line in ipairs(lines) do
    local count = counts[i]
    if done and count.wait == 0 then
      counts[i] = enter(line, cell(line[2]))
    elseif count.wait > 0 and batch.r[line[1]][3] > 0 then
      local c = cell(line[2])
      if noteRefusal(c, batch.r[line[1]]) then
        count.banned = c[1] - now
        count.wait = max(count.wait, count.banned)
        count.began = 1
      end
      written[line[2]] = line
    end
  end
  push(done and 1 or 0)
  push(micros)
  for _, count in ipairs(counts) do tell(count) end
end

local function change(act, value, lines)
  push(1)
  push(micros)
  for _, line in ipairs(lines) do
    local c, rule = cell(line[2]), batch.r[line[1]]
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
      c[1] = max(c[1], now + value)
      written[line[2]] = line
    end
    tell(look(line, c))
  end
end

for _, act in ipairs(batch.a) do
  if act[1] == 0 then take(act[3]) else change(act[1], act[2], act[3]) end
end
for key, line in pairs(written) do
  local c, rule = cells[key], batch.r[line[1]]
  local rest = algorithms[rule[1]].wait(c, rule[2], line[4], 0)
  rest = max(rest, c[1] - now, c[3] - now)
  if rule[3] > 0 then rest = max(rest, forgottenAt(c, rule) - now) end
  if rest > 0 then
    redis.call('SET', KEYS[key], packCell(c), 'PX', ceil(rest))
  else
    redis.call('DEL', KEYS[key])
  end
end
return reply
`

export const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex')
