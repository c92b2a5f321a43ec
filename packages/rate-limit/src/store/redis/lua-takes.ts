/** Stores what a key holds after a take, and answers it. */
const STORED = `
        if others then
          set(key, rule, rest, a, b, sum, oldest, 0, 0, 0, 0, others)
        else
          call('SETRANGE', KEYS[key], '8', packNumbers('<ddd', a, b, sum))
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
 * Most of those are of new keys, or of keys that were used before, have room and have refused
 * nothing, and what is stored (see `lua-cells.ts`) can be changed as it is, without a cell:
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
      -- What to store, the units in use, and the time until they are back. Without others, the
      -- value is changed in place.
      local a, b, sum, used, rest, oldest, others
      if cells[key] ~= nil or cost > capacity then
        -- Changed, and not written yet; or refused.
      elseif not text then
        a, b, sum, used, rest, oldest, others = cost, now, 0, cost, window, now, ''
        if kind == 0 then
          a, b, sum = now, cost, cost
        elseif kind == 1 then
          rest = min(LONGEST_TIME, cost * window / limit)
        end
      elseif #text >= SIZE then
        local mark, ends, banned, before
        mark, a, b, sum, oldest, ends, banned = unpackNumbers(HEAD, text)
        if mark ~= MARK + kind or banned > now then
          a = nil
        elseif kind == 0 then
          rest = window
          if a > now then
            a = nil
          elseif now - oldest < window and a / part >= current then
            before = sum
            a, b, sum = now, b + cost, before + cost
          else
            before, oldest, others = 0, now, ''
            for from = SIZE + 1, #text - 15, 16 do
              local last, held = unpackNumbers('<dd', text, from)
              if held > 0 and now - last < window then
                before, oldest = before + held, min(oldest, last)
                others = others .. string.sub(text, from, from + 15)
              end
            end
            if a / part >= current then
              before = before + b
              b = b + cost
            else
              if b > 0 and now - a < window then
                before, oldest = before + b, min(oldest, a)
                others = others .. packNumbers('<dd', a, b)
              end
              b = cost
            end
            a, sum = now, before + cost
          end
          used = sum
        elseif kind == 1 then
          before = max(0, a - max(0, now - b) * limit / window)
          used = before + cost
          a, b, rest = used, now, min(LONGEST_TIME, used * window / limit)
        elseif b > now then
          a = nil
        else
          before, rest = a, window - (now - b)
          if a == 0 or rest <= 0 then before, b, rest, others = 0, now, window, '' end
          used = before + cost
          a = used
        end
        -- As rest() compares: the sum, used, may be rounded down to the capacity.
        if a and before > capacity - cost then a = nil end
        if a and (others or now + rest > ends) then
          others = others or kind == 0 and string.sub(text, SIZE + 1) or ''
          local refusals, counted, bans = unpackNumbers('<ddd', text, 57)
          if banned + refusals + counted + bans > 0 then a = nil end
        end
      end
      if a == nil then break end
      if lines == 1 then
        at = nil
        ${STORED}
        break
      end
      found[at + 1], found[at + 2], found[at + 3] = a, b, sum
      found[at + 4], found[at + 5], found[at + 6], found[at + 7] = used, rest, oldest, others
      at = at + 7
    end
    if at == nil then
      -- Stored.
    elseif at < 7 * lines then
      for i = at / 7 + 2, lines do
        last = last + 1
        keys[i] = list and list[last] or last
      end
      rest().takeLines(terms, keys)
    else
      at = 0
      for i = 1, lines do
        local key, rule = keys[i], rules[terms[i][1]]
        local a, b, sum, used, rest = found[at + 1], found[at + 2], found[at + 3], found[at + 4], found[at + 5]
        local oldest, others = found[at + 6], found[at + 7]
        ${STORED}
        at = at + 7
      end
    end
  end
end
`
