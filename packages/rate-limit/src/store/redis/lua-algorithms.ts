/**
 * The algorithms of `decide/` in Lua, each described there; the suite for stores and a property test
 * hold that both count alike. A cell `c` has its ban in `c[1]` to `c[4]`, and from `c[5]` on what
 * the algorithm keeps.
 */
export const LUA_ALGORITHMS = `
-- Units that were used later than now, on a clock that was set back since, were used now.
local function rewind(c, from)
  local isAhead = false
  for i = from, #c, 2 do
    if c[i] > now then c[i], isAhead = now, true end
  end
  return isAhead
end

local sliding = { timesFrom = 5 }
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
-- The part that runs comes first: a take that follows may read no other.
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
  if kept > 5 then c[kept], c[kept + 1] = c[5], c[6] end
  c[5], c[6] = now, units
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
-- The sum of the units in use, and when the first of them were last used.
function sliding.head(c, window)
  local sum, oldest = 0, now
  for i = 5, #c, 2 do
    if c[i + 1] > 0 and now - c[i] < window then
      sum = sum + c[i + 1]
      if c[i] < oldest then oldest = c[i] end
    end
  end
  return sum, oldest
end

local bucket = { timesFrom = 6 }
function bucket.used(c, window, limit)
  local passed = max(0, now - (c[6] or 0))
  return max(0, (c[5] or 0) - passed * limit / window)
end
function bucket.wait(c, window, limit, allowed)
  local over = bucket.used(c, window, limit) - allowed
  if over <= 0 then return 0 end
  return min(LONGEST_TIME, over * window / limit)
end
function bucket.add(c, window, limit, units)
  c[5] = bucket.used(c, window, limit) + units
  c[6] = now
end
function bucket.refund(c, window, limit, units, since)
  local passed = since == -1 and 0 or max(0, now - since)
  local left = max(0, units - passed * limit / window)
  c[5] = max(0, bucket.used(c, window, limit) - left)
  c[6] = now
end

local fixed = { timesFrom = 6 }
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
`
