import { LUA_ALGORITHMS } from './lua-algorithms.js'
import { LUA_CELLS } from './lua-cells.js'

/** All but the takes of `lua-takes.ts`. */
export const LUA_REST = `
local made
local function make()
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


local all = {}
function all.takeLines(terms, places)
  local lines = {}
  for i, term in ipairs(terms) do
    lines[i] = { term[1], places[i], term[2], term[3], term[4], 0 }
  end
  local done, counts = take(lines)
  if not done then push(-1) end
  for i, count in ipairs(counts) do
    if not done then
      tell(count)
    else
      push(count.used)
      if rules[terms[i][1]][1] ~= 0 then push(count.rest) end
    end
  end
end
function all.act(act, value, lines)
  if act ~= 0 then return change(act, value, lines) end
  local done, counts = take(lines)
  push(done and 1 or 0)
  for _, count in ipairs(counts) do tell(count) end
end
function all.writeAll()
  for key, line in pairs(written) do write(key, line) end
end
return all
end
local function rest()
  if made == nil then made = make() end
  return made
end
`
