/**
 * What a key holds, in 64-bit floating-point numbers, little-endian, milliseconds of the server's
 * clock:
 *
 *     0   mark of this form and of the algorithm
 *     8   a      sliding-window: last use of the part that runs · token-bucket: level · fixed: units
 *    16   b                      units of that part             ·  when it was true   · begin
 *    24   sum                    units in use
 *    32   oldest                 the last use of the oldest part in use
 *    40   ends   when the server drops the key
 *    48   end of the ban · 56 refusals · 64 until when they count · 72 bans
 *    80   sliding-window: last use and units of each further part in use
 *
 * A key that was used before and has room is changed in place, 24 bytes from `a` on, and keeps its
 * end: a fourth of what it costs to set the value and a new end. Therefore the end is an eighth of a
 * window later than it needs to be, which is how long a part runs.
 *
 * All else is read into a cell, changed there, and written once at the end. Anything else under the
 * key counts for nothing.
 */
export const LUA_CELLS = `
local function unpackCell(text, kind)
  if not text or #text < SIZE or #text % 8 ~= 0 then return { 0, 0, 0, 0 } end
  local mark, a, b, _, _, ends, banned, refusals, counted, bans = unpackNumbers(HEAD_FORM, text)
  if mark ~= MARK + kind then return { 0, 0, 0, 0 } end
  local c = { banned, refusals, counted, bans, a, b, ends = ends }
  for at = SIZE + 1, #text - 15, 16 do
    c[#c + 1], c[#c + 2] = unpackNumbers('<dd', text, at)
  end
  return c
end
local function cell(line)
  local key = line[2]
  local held = cells[key]
  if held == nil then
    local kind = rules[line[1]][1]
    held = unpackCell(textOf(key), kind)
    cells[key] = held
    if rewind(held, algorithms[kind].timesFrom) then written[key] = line end
  end
  return held
end
local function write(key, line)
  local c, rule = cells[key], rules[line[1]]
  local rest = algorithms[rule[1]].wait(c, rule[2], line[4], 0)
  rest = max(rest, c[1] - now, c[3] - now)
  if rule[3] > 0 then rest = max(rest, forgottenAt(c, rule) - now) end
  if rest <= 0 then return call('DEL', KEYS[key]) end
  -- A slower plan may need the level of the bucket for longer than the one that changed it.
  if rule[1] == 1 and c.ends then rest = max(rest, c.ends + 2 - now - rule[2] / PARTS) end
  local sum, oldest, others = 0, 0, ''
  if rule[1] == 0 then sum, oldest = sliding.head(c, rule[2]) end
  for i = 7, #c, 2 do others = others .. packNumbers('<dd', c[i], c[i + 1]) end
  set(key, rule, rest, c[5] or 0, c[6] or 0, sum, oldest, c[1], c[2], c[3], c[4], others)
end
`
