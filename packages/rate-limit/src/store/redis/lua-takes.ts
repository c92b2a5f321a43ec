/** Stores what a key holds after a take, and answers it. */
const STORED = `
        if text then
          call('SETRANGE', KEYS[key], '8', packNumbers('<ddd', a, b, sum))
        else
          set(key, rule, rest, a, b, sum, now, 0, 0, 0, 0, '')
        end
        packed[key] = STALE
        local beyond = used % 1
        if beyond > 0 then used = used - beyond + 1 end
        said = said + 1
        reply[said] = used
        if rule[1] ~= 0 then push(rest) end
`

/**
 * Takes of something, without a shadow, that differ in nothing but their keys: most of what is asked.
 * Most of those are of new keys, or of keys that were used before and have room, and the numbers at the head of
 * what is stored (see `lua-cells.ts`) are enough for them:
 *
 *   each line of a take ── what its key would hold ──> found ── all lines ──> store ──> reply
 *                                └─ cannot be said so ──> rest().takeLines, which decides anew
 *
 * One piece, without functions: in Lua each call takes about as long as the arithmetic of a take,
 * and each function is made anew whenever the script runs. A property test holds that it counts as
 * `rest()` does.
 */
export const LUA_TAKES = `
local found, keys = {}, {}
-- Of the term at hand, most often that of the take before.
local term, rule, capacity, limit, cost, kind, window, part, current
for _, form in ipairs(batch.p) do
  local terms, takes, list = form[1], form[2], form[3]
  local lines, last = #terms, 0
  if type(list) == 'number' then last, list = list, nil end
  for _ = 1, takes do
    local at = 0
    for i = 1, lines do
      last = last + 1
      local key = list and list[last] or last
      keys[i] = key
      if term ~= terms[i] then
        term = terms[i]
        rule, capacity, limit, cost = rules[term[1]], term[2], term[3], term[4]
        kind, window = rule[1], rule[2]
        part = window / PARTS
        current = floor(now / part)
      end
      local text = packed[key]
      if text == STALE then text = textOf(key) end
      -- What to store, the units in use, and the time until they are back.
      local a, b, sum, used, rest
      if cells[key] ~= nil or cost > capacity then
        -- Changed, and not written yet; or refused.
      elseif not text then
        a, b, sum, used, rest = cost, now, 0, cost, window
        if kind == 0 then
          a, b, sum = now, cost, cost
        elseif kind == 1 then
          rest = cost * window / limit
        end
      elseif #text >= SIZE then
        local mark, oldest, ends, banned, before
        mark, a, b, sum, oldest, ends, banned = unpackNumbers(HEAD, text)
        if mark ~= MARK + kind or banned > now then
          a = nil
        elseif kind == 0 then
          before, rest = sum, window
          used = before + cost
          if a > now or now - oldest >= window or a / part < current then a = nil end
          if a then a, b, sum = now, b + cost, used end
        elseif kind == 1 then
          before = max(0, a - max(0, now - b) * limit / window)
          used = before + cost
          a, b, rest = used, now, used * window / limit
        else
          before, rest = a, window - (now - b)
          used = before + cost
          if a == 0 or b > now or now - b >= window then a = nil end
          if a then a = used end
        end
        -- As rest() compares: the sum, used, may be rounded down to the capacity.
        if a and (before > capacity - cost or now + rest > ends) then a = nil end
      end
      if a == nil then break end
      if lines == 1 then
        at = nil
        ${STORED}
        break
      end
      found[at + 1], found[at + 2], found[at + 3] = a, b, sum
      found[at + 4], found[at + 5], found[at + 6] = used, rest, text
      at = at + 6
    end
    if at == nil then
      -- Stored.
    elseif at < 6 * lines then
      for i = at / 6 + 2, lines do
        last = last + 1
        keys[i] = list and list[last] or last
      end
      rest().takeLines(terms, keys)
    else
      at = 0
      for i = 1, lines do
        local key, rule = keys[i], rules[terms[i][1]]
        local a, b, sum, used, rest = found[at + 1], found[at + 2], found[at + 3], found[at + 4], found[at + 5]
        local text = found[at + 6]
        ${STORED}
        at = at + 6
      end
    end
  end
end
`
